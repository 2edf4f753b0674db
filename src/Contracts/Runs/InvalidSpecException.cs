namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>A spec that cannot run, with every reason.</summary>
[GenerateSerializer, Alias("lcnn.InvalidSpecException")]
public sealed class InvalidSpecException(IReadOnlyList<SpecProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems.Select(problem => $"{problem.Field}: {problem.Message}")))
{
    /// <summary>Every reason at once, by field.</summary>
    [Id(0)] public IReadOnlyList<SpecProblem> Problems { get; } = problems;
}
