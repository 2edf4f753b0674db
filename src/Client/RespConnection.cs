using System.Globalization;
using System.Text;

namespace Lcnn.Distributed.Client;

/// <summary>Commands to a Redis and its answers, one at a time, over a stream of the caller's.</summary>
internal sealed class RespConnection(Stream stream)
{
    private const int MostBytes = 1 << 20; // no answer asked for here is larger
    private readonly byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>The answer as text, of lists the elements in lines.</summary>
    /// <exception cref="RedisRefusedException">It answers with an error.</exception>
    /// <exception cref="InvalidDataException">What answers is not a Redis; the message is what it said.</exception>
    /// <exception cref="EndOfStreamException">It ended the connection.</exception>
    public async Task<string> AskAsync(CancellationToken cancellationToken, params IReadOnlyList<string> command)
    {
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Count}\r\n");
        foreach (var part in command)
        {
            request.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    private async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        var rest = line.Length > 0 ? line[1..] : "";
        switch (line.FirstOrDefault())
        {
            case '+' or ':':
                return rest;
            case '-':
                throw new RedisRefusedException(rest);
            case '$' when int.TryParse(rest, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var length) && length <= MostBytes:
                return length < 0 ? "" : await ReadBulkAsync(length, cancellationToken);
            case '*' when int.TryParse(rest, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count <= MostBytes:
                var elements = new List<string>();
                for (var i = 0; i < count; i++)
                {
                    elements.Add(await ReadAsync(cancellationToken));
                }

                return string.Join('\n', elements);
            default:
                throw new InvalidDataException(line);
        }
    }

    private async Task<string> ReadBulkAsync(int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length + 2];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = await ReadByteAsync(cancellationToken);
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (line.Count < MostBytes && await ReadByteAsync(cancellationToken) is var next && next != (byte)'\n')
        {
            line.Add(next);
            if (line.Count == 1 && !"+-:$*"u8.Contains(next))
            {
                // Not a Redis: what has arrived says what it is, and the end of its line may never come.
                line.AddRange(_buffer[_start.._end]);
                break;
            }
        }

        return Encoding.Latin1.GetString([.. line]).Split('\r', '\n')[0];
    }

    private async ValueTask<byte> ReadByteAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellationToken));
            if (_end == 0)
            {
                throw new EndOfStreamException();
            }
        }

        return _buffer[_start++];
    }
}

/// <summary>A Redis answers a command with an error.</summary>
/// <param name="message">The error as it is, its kind first.</param>
internal sealed class RedisRefusedException(string message) : Exception(message)
{
    /// <summary>The first word, such as <c>NOPERM</c>.</summary>
    public string Kind => Message.Split(' ', 2)[0];
}
