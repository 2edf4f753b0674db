namespace Lcnn.Distributed.Client.Security;

/// <summary>What files say, read anew when they change. Files that cannot be used any more leave what was read before. Safe for concurrent use.</summary>
/// <typeparam name="TContent">Their content, equal as long as nothing has changed.</typeparam>
/// <typeparam name="TValue">What it means.</typeparam>
internal sealed class RereadFiles<TContent, TValue>
    where TContent : IEquatable<TContent>
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Func<TContent> _read;
    private readonly Func<TContent, TValue> _parse;
    private readonly TimeProvider _clock;
    private readonly Action<TValue> _onAnew;
    private readonly Action<string> _onKept;
    private TContent _content;
    private TValue _value;
    private string? _problem;
    private long _lookedAt;

    /// <param name="read">Reads the files.</param>
    /// <param name="parse">Makes something of them.</param>
    /// <param name="clock">The time.</param>
    /// <param name="onAnew">Hears what they say since they have changed.</param>
    /// <param name="onKept">Hears why they cannot be used any more, once for each reason.</param>
    /// <exception cref="TlsFilesException">They cannot be used now.</exception>
    public RereadFiles(Func<TContent> read, Func<TContent, TValue> parse, TimeProvider clock, Action<TValue> onAnew, Action<string> onKept)
    {
        (_read, _parse, _clock, _onAnew, _onKept) = (read, parse, clock, onAnew, onKept);
        _content = read();
        _value = parse(_content);
        _lookedAt = clock.GetTimestamp();
    }

    /// <summary>What they say now.</summary>
    public TValue Current
    {
        get
        {
            lock (_gate)
            {
                if (_clock.GetElapsedTime(_lookedAt) >= _lookEvery)
                {
                    _lookedAt = _clock.GetTimestamp();
                    Look();
                }

                return _value;
            }
        }
    }

    // Their bytes, not their times: a mounted secret changes by the link of its folder, which no file's time shows.
    private void Look()
    {
        try
        {
            if (_read() is var content && !content.Equals(_content))
            {
                (_value, _content) = (_parse(content), content);
                _onAnew(_value);
            }

            _problem = null;
        }
        catch (TlsFilesException exception)
        {
            if (_problem != exception.Message)
            {
                _problem = exception.Message;
                _onKept(exception.Message);
            }
        }
    }
}
