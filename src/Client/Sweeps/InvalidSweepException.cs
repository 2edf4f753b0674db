namespace Lcnn.Distributed.Client.Sweeps;

/// <summary>A sweep file that cannot be started, with every reason and its place.</summary>
public sealed class InvalidSweepException(IReadOnlyList<SweepFileProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>Every reason, by place.</summary>
    public IReadOnlyList<SweepFileProblem> Problems { get; } = problems;
}

/// <summary>One reason why a sweep file is refused.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Path">Where in the file's structure, such as "parameters.lr.values[2]"; empty for the whole.</param>
/// <param name="Message">One sentence for the user: expected, got, what to change.</param>
public sealed record SweepFileProblem(string File, int Line, int Column, string Path, string Message)
{
    /// <summary>Such as "sweep.yaml:3:5: base.epochs: expected at least 1, got 0".</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {(Path.Length > 0 ? $"{Path}: " : "")}{Message}";
}
