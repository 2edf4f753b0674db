namespace Lcnn.Distributed.Cli.Output;

/// <summary>A standard stream did not take what was written to it.</summary>
/// <param name="message">Why, in the system's words.</param>
/// <param name="isReaderGone">Whether nobody is left to read it.</param>
internal sealed class OutputLostException(string message, bool isReaderGone) : IOException(message)
{
    /// <summary>The system's number of a pipe without a reader.</summary>
    public const int BrokenPipe = 32;

    public bool IsReaderGone { get; } = isReaderGone;
}
