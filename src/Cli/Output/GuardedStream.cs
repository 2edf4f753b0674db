namespace Lcnn.Distributed.Cli.Output;

/// <summary>Loses what cannot be written instead of failing whoever writes, in whole lines, and tries again with the next.</summary>
/// <param name="inner">Where it goes.</param>
/// <param name="onLost">Told of every loss; must not throw.</param>
internal sealed class GuardedStream(Stream inner, Action<IOException> onLost) : WriteOnlyStream
{
    private bool _isLosing; // the rest of a line whose beginning was lost
    private bool _isTorn; // a part of a lost line may have been written

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_isLosing)
        {
            var end = buffer.IndexOf((byte)'\n');
            _isLosing = end < 0;
            buffer = buffer[(end < 0 ? buffer.Length : end + 1)..];
        }

        if (buffer.IsEmpty)
        {
            return;
        }

        try
        {
            if (_isTorn)
            {
                inner.Write("\n"u8);
                _isTorn = false;
            }

            inner.Write(buffer);
            inner.Flush();
        }
        catch (IOException exception)
        {
            _isTorn = true;
            _isLosing = buffer[^1] != (byte)'\n';
            onLost(exception);
        }
    }
}
