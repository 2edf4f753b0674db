using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Stability;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Model.Robustness;

/// <summary>What a plan's parts gave, sample by sample, in the data set's order.</summary>
public sealed class RobustnessResults
{
    private RobustnessResults(RobustnessPlan plan, IReadOnlyCollection<RobustnessOutcome> outcomes)
    {
        IEnumerable<RobustnessOutcome> Of(RobustnessKind kind, int number) =>
            outcomes.Where(outcome => outcome.Part.Kind == kind && outcome.Part.Number == number).OrderBy(outcome => outcome.Part.Batch);

        Attacks = [.. plan.Attacks.Select((_, number) => (IReadOnlyList<IReadOnlyList<SampleAttack>>)
            [.. plan.Epsilons.Select((_, epsilon) => (IReadOnlyList<SampleAttack>)[.. Of(RobustnessKind.Attack, number).SelectMany(outcome => outcome.Attacks[epsilon])])])];
        Certificates = [.. Of(RobustnessKind.Certificate, 0).SelectMany(outcome => outcome.Certificates)];
        Noise = [.. plan.NoiseNorms.Select((_, number) => (IReadOnlyList<SampleStability>)[.. Of(RobustnessKind.Noise, number).SelectMany(outcome => outcome.Noise)])];
        Flags = [.. plan.Attacks.SelectMany((_, number) => Of(RobustnessKind.Attack, number)).SelectMany(outcome => outcome.Flags).Distinct()]; // whoever came first
    }

    /// <summary>For each attack and each epsilon in turn.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<SampleAttack>>> Attacks { get; }

    /// <summary>Radii in units of pixels.</summary>
    public IReadOnlyList<SampleCertificate> Certificates { get; }

    /// <summary>For each norm of the noise in turn.</summary>
    public IReadOnlyList<IReadOnlyList<SampleStability>> Noise { get; }

    /// <summary>What AutoAttack says of the classifier.</summary>
    public IReadOnlyList<string> Flags { get; }

    /// <summary>From all parts, whoever measured them and in whatever order.</summary>
    /// <exception cref="ArgumentException">They are not the plan's, each once and with all its samples.</exception>
    public static RobustnessResults Of(RobustnessPlan plan, IReadOnlyCollection<RobustnessOutcome> outcomes)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(outcomes);
        var (parts, got) = (plan.Parts, outcomes.Select(outcome => outcome.Part).ToHashSet());
        return outcomes.Count != parts.Count ? throw new ArgumentException($"expected {parts.Count} parts, got {outcomes.Count}", nameof(outcomes))
            : !got.SetEquals(parts) ? throw new ArgumentException($"expected every part once, got no {parts.First(part => !got.Contains(part))}", nameof(outcomes))
            : outcomes.FirstOrDefault(outcome => !plan.Fits(outcome)) is { } other ? throw new ArgumentException($"expected {plan.CountOf(other.Part)} samples of {other.Part}, got others", nameof(outcomes))
            : new RobustnessResults(plan, outcomes);
    }

    /// <summary>Measures all parts, each on one of some threads.</summary>
    /// <param name="advanced">Told of the work done of a part, on its thread; what it throws ends everything.</param>
    public static RobustnessResults Measure(RobustnessPlan plan, RobustnessSubject subject, ComputeThreads threads, Action<RobustnessPart, double>? advanced = null)
    {
        ArgumentNullException.ThrowIfNull(threads);
        var parts = plan.Parts;
        var outcomes = new RobustnessOutcome[parts.Count];
        threads.Run(parts.Count, i => outcomes[i] = subject.Measure(parts[i], work => advanced?.Invoke(parts[i], work)));
        return Of(plan, outcomes);
    }
}
