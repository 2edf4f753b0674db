namespace Lcnn.Distributed.UnitTests.Checkpoints;

/// <summary>Bytes that come a few at a time and cannot tell their number, like a socket's.</summary>
internal sealed class ForwardStream(byte[] bytes) : MemoryStream(bytes)
{
    private const int Portion = 1000;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, Portion)]);
}
