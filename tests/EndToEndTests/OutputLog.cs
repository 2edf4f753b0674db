namespace Lcnn.Distributed.EndToEndTests;

/// <summary>The lines of one stream of a process, and the wait for one of them.</summary>
internal sealed class OutputLog(string name)
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = NewSource();
    private bool _isClosed;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>The next line; null closes the stream.</summary>
    public void Add(string? line)
    {
        lock (_lock)
        {
            if (line is null)
            {
                _isClosed = true;
            }
            else
            {
                _lines.Add(line);
            }

            _changed.SetResult();
            _changed = NewSource();
        }
    }

    public async Task<string> WaitForAsync(Func<string, bool> isAwaited, TimeSpan timeout)
    {
        for (var next = 0; ;)
        {
            Task changed;
            List<string> fresh;
            bool isClosed;
            lock (_lock)
            {
                (changed, fresh, isClosed) = (_changed.Task, _lines[next..], _isClosed);
            }

            if (fresh.Find(line => isAwaited(line)) is { } found)
            {
                return found;
            }

            next += fresh.Count;
            if (isClosed)
            {
                throw new InvalidOperationException($"{name} ended after {next} lines without the awaited one; the last: {(next > 0 ? Lines[^1] : "none")}");
            }

            await changed.WaitAsync(timeout, TestContext.Current.CancellationToken);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
