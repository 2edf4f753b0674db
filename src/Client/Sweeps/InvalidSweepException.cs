using Lcnn.Distributed.Client.Files;

namespace Lcnn.Distributed.Client.Sweeps;

/// <summary>A sweep file that cannot be started, with every reason and its place.</summary>
public sealed class InvalidSweepException(IReadOnlyList<FileProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>Every reason, by place.</summary>
    public IReadOnlyList<FileProblem> Problems { get; } = problems;
}
