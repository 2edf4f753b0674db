namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>One reason why a spec cannot run: the field, what is wrong with its value, and what to do.</summary>
/// <param name="Field">Name of the <see cref="RunSpec"/> property.</param>
/// <param name="Message">One sentence for the user: expected, got, what to change.</param>
[GenerateSerializer, Immutable, Alias("lcnn.SpecProblem")]
public sealed record SpecProblem([property: Id(0)] string Field, [property: Id(1)] string Message);
