using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Robustness;

namespace Lcnn.Distributed.Grains.Robustness;

/// <summary>What a plan's measurements say together.</summary>
public static class RobustnessSummary
{
    /// <summary>From the results of all samples.</summary>
    /// <param name="classes">Of the network.</param>
    /// <param name="curvature">Measured at the first samples; empty for none.</param>
    public static RobustnessFigures Of(RobustnessPlan plan, RobustnessSubject subject, RobustnessResults results, int classes, IReadOnlyList<SampleCurvature> curvature) => new(
        plan.Attacks.Count == 0 ? null : AttackSummary.Of(plan, results, classes, subject.Range),
        subject.Certificate is { } certificate ? CertificateSummary.Of(plan, certificate, results.Certificates) : null,
        plan.NoisySamples == 0 || plan.NoiseNorms.Count == 0 ? null : NoiseSummary.Of(plan, results, curvature),
        ViolationsAmong(plan, results));

    internal static IReadOnlyList<SandwichViolation> ViolationsAmong(RobustnessPlan plan, RobustnessResults results) =>
    [
        .. from attack in plan.Attacks.Index()
           from pair in results.Attacks[attack.Index][^1].Zip(results.Certificates).Index()
           let found = pair.Item.First
           where found.FooledBy is not null && found.L2 < pair.Item.Second.Radius
           select new SandwichViolation(pair.Index, attack.Item, found.FooledBy!, found.L2, pair.Item.Second.Radius),
    ];
}
