using Lcnn.Distributed.Client.Files;

namespace Lcnn.Distributed.Client.Networks;

/// <summary>A network's file that cannot be used, with every reason and its place.</summary>
public sealed class InvalidNetworkException(IReadOnlyList<FileProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>Every reason, by place.</summary>
    public IReadOnlyList<FileProblem> Problems { get; } = problems;
}
