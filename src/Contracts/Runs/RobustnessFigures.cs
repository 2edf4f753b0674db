namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What attacks, certificates and noise say of a network; what was not asked for is null.</summary>
/// <param name="Attacks">What attacks leave standing.</param>
/// <param name="Certificate">What nothing can change.</param>
/// <param name="Noise">How steady gradients are.</param>
/// <param name="Violations">Attacks that succeeded within a certified radius: where there is one, the attack or the certificate is wrong.</param>
[GenerateSerializer, Immutable, Alias("lcnn.RobustnessFigures")]
public sealed record RobustnessFigures(
    [property: Id(0)] AttackFigures? Attacks, [property: Id(1)] CertificateFigures? Certificate, [property: Id(2)] NoiseFigures? Noise,
    [property: Id(3)] IReadOnlyList<SandwichViolation> Violations);

/// <summary>An attack that succeeded nearer than the certified radius of its sample.</summary>
/// <param name="Sample">Place in the data set.</param>
/// <param name="Attack">That was asked for.</param>
/// <param name="FooledBy">Its member that found the image.</param>
/// <param name="L2">How near.</param>
/// <param name="Radius">Certified.</param>
[GenerateSerializer, Immutable, Alias("lcnn.SandwichViolation")]
public sealed record SandwichViolation(
    [property: Id(0)] int Sample, [property: Id(1)] string Attack, [property: Id(2)] string FooledBy, [property: Id(3)] double L2, [property: Id(4)] double Radius);
