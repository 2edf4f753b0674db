using Lcnn.Distributed.Model.Curvature;

namespace Lcnn.Distributed.Model.Robustness;

/// <summary>What a plan's measurements say together; what it does not measure is null.</summary>
/// <param name="Attacks">What attacks leave standing.</param>
/// <param name="Certificate">What nothing can change.</param>
/// <param name="Noise">How steady gradients are.</param>
/// <param name="Violations">Attacks that succeeded within a certified radius: where there is one, the attack or the certificate is wrong.</param>
public sealed record RobustnessFigures(AttackFigures? Attacks, CertificateFigures? Certificate, NoiseFigures? Noise, IReadOnlyList<SandwichViolation> Violations)
{
    /// <summary>From the results of all samples.</summary>
    /// <param name="curvature">Measured at the first samples; empty for none.</param>
    public static RobustnessFigures Of(RobustnessPlan plan, RobustnessSubject subject, RobustnessResults results, int classes, IReadOnlyList<SampleCurvature> curvature) => new(
        plan.Attacks.Count == 0 ? null : AttackFigures.Of(plan, results, classes, subject.Range),
        subject.Certificate is { } certificate ? CertificateFigures.From(plan, certificate, results.Certificates) : null,
        plan.NoisySamples == 0 || plan.NoiseNorms.Count == 0 ? null : NoiseFigures.Of(plan, results, curvature),
        SandwichViolation.Among(plan, results));
}

/// <summary>An attack that succeeded nearer than the certified radius of its sample.</summary>
/// <param name="Sample">Place in the data set.</param>
/// <param name="Attack">That was asked for.</param>
/// <param name="FooledBy">Its member that found the image.</param>
/// <param name="L2">How near.</param>
/// <param name="Radius">Certified.</param>
public sealed record SandwichViolation(int Sample, string Attack, string FooledBy, double L2, double Radius)
{
    internal static IReadOnlyList<SandwichViolation> Among(RobustnessPlan plan, RobustnessResults results) =>
    [
        .. from attack in plan.Attacks.Index()
           from pair in results.Attacks[attack.Index][^1].Zip(results.Certificates).Index()
           let found = pair.Item.First
           where found.FooledBy is not null && found.L2 < pair.Item.Second.Radius
           select new SandwichViolation(pair.Index, attack.Item, found.FooledBy!, found.L2, pair.Item.Second.Radius),
    ];
}
