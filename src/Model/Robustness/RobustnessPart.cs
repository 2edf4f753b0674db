using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Stability;

namespace Lcnn.Distributed.Model.Robustness;

/// <summary>What a part of a plan measures.</summary>
public enum RobustnessKind
{
    /// <summary>How steady gradients are under noise.</summary>
    Noise,

    /// <summary>Radii within which nothing changes.</summary>
    Certificate,

    /// <summary>What attacks find.</summary>
    Attack,
}

/// <summary>A batch of one measure.</summary>
/// <param name="Kind">Of the measure.</param>
/// <param name="Number">Of the attack or of the noise's norm in the plan.</param>
/// <param name="Batch">From 0.</param>
public readonly record struct RobustnessPart(RobustnessKind Kind, int Number, int Batch);

/// <summary>What came of a part: what is not of its kind is empty.</summary>
/// <param name="Part">Which.</param>
public sealed record RobustnessOutcome(RobustnessPart Part)
{
    /// <summary>One a sample, for each epsilon in turn.</summary>
    public IReadOnlyList<IReadOnlyList<SampleAttack>> Attacks { get; init; } = [];

    /// <summary>One a sample, radii in units of pixels.</summary>
    public IReadOnlyList<SampleCertificate> Certificates { get; init; } = [];

    /// <summary>One a sample.</summary>
    public IReadOnlyList<SampleStability> Noise { get; init; } = [];

    /// <summary>What AutoAttack says of the classifier, from the first batch of an attack.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}
