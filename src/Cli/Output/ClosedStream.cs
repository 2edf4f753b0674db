namespace Lcnn.Distributed.Cli.Output;

/// <summary>A standard stream that was closed before this program began.</summary>
internal sealed class ClosedStream : WriteOnlyStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => throw new OutputLostException("it is closed", isReaderGone: false);
}
