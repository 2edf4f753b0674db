namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What attacks leave standing of the first test samples.</summary>
/// <param name="Norm">l2 or linf, of <see cref="RobustAt.Epsilon"/>.</param>
/// <param name="Samples">How many, the wrongly classified ones included.</param>
/// <param name="Seed">Of all random numbers.</param>
/// <param name="Steps">As asked for; null for each attack's own number.</param>
/// <param name="Restarts">As asked for; null for one.</param>
/// <param name="IsClipped">Whether perturbed pixels stay in [0, 1].</param>
/// <param name="CleanAccuracy">Without an attack, 0..1.</param>
/// <param name="Results">One an attack, as asked for.</param>
/// <param name="Together">The share that stands all attacks.</param>
[GenerateSerializer, Immutable, Alias("lcnn.AttackFigures")]
public sealed record AttackFigures(
    [property: Id(0)] string Norm, [property: Id(1)] int Samples, [property: Id(2)] long Seed, [property: Id(3)] int? Steps, [property: Id(4)] int? Restarts,
    [property: Id(5)] bool IsClipped, [property: Id(6)] double CleanAccuracy, [property: Id(7)] IReadOnlyList<AttackResult> Results,
    [property: Id(8)] IReadOnlyList<RobustAt> Together);

/// <summary>What one attack leaves standing.</summary>
/// <param name="Attack">As asked for.</param>
/// <param name="At">For each epsilon, ascending.</param>
/// <param name="Flags">AutoAttack's signs that its verdict may be worth little.</param>
[GenerateSerializer, Immutable, Alias("lcnn.AttackResult")]
public sealed record AttackResult([property: Id(0)] string Attack, [property: Id(1)] IReadOnlyList<RobustAt> At, [property: Id(2)] IReadOnlyList<string> Flags);

/// <summary>What stands perturbations up to a size.</summary>
/// <param name="Epsilon">The size, in units of pixels.</param>
/// <param name="RobustAccuracy">0..1, of all samples.</param>
/// <param name="After">Of an ensemble: what was left after each member in turn.</param>
[GenerateSerializer, Immutable, Alias("lcnn.RobustAt")]
public sealed record RobustAt([property: Id(0)] double Epsilon, [property: Id(1)] double RobustAccuracy, [property: Id(2)] IReadOnlyList<RobustAfter> After);

/// <summary>What a member of an ensemble left standing.</summary>
/// <param name="Attack">The member.</param>
/// <param name="RobustAccuracy">0..1.</param>
[GenerateSerializer, Immutable, Alias("lcnn.RobustAfter")]
public sealed record RobustAfter([property: Id(0)] string Attack, [property: Id(1)] double RobustAccuracy);
