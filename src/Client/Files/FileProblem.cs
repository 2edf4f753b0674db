namespace Lcnn.Distributed.Client.Files;

/// <summary>One reason why a sweep's or network's file is refused.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Path">Where in the file's structure, such as "parameters.lr.values[2]"; empty for the whole.</param>
/// <param name="Message">One sentence for the user: expected, got, what to change.</param>
public sealed record FileProblem(string File, int Line, int Column, string Path, string Message)
{
    /// <summary>Such as "sweep.yaml:3:5: base.epochs: expected at least 1, got 0".</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {(Path.Length > 0 ? $"{Path}: " : "")}{Message}";
}
