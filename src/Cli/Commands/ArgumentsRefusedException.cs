namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The arguments of a command cannot be worked with, for these reasons.</summary>
internal sealed class ArgumentsRefusedException(IReadOnlyList<ArgumentProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<ArgumentProblem> Problems { get; } = problems;
}
