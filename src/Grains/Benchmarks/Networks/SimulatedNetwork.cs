namespace Lcnn.Distributed.Grains.Benchmarks.Networks;

/// <summary>Processes with one link each to a switch that loses nothing, and the events between them in their order of time.</summary>
/// <remarks>
/// A link is full duplex. Outwards its connections take turns, piece by piece, and each sends its messages in order; inwards pieces are
/// taken as they come. No connection is held back by its window or begins slowly.
/// </remarks>
internal sealed class SimulatedNetwork(int processes, double bytesPerSecond, TimeSpan roundTrip)
{
    private const long PieceBytes = 64 << 10;

    private readonly PriorityQueue<Action, (double Time, long Number)> _events = new();
    private readonly Dictionary<(int From, int To), Queue<Message>> _connections = [];
    private readonly Queue<(int From, int To)>[] _turns = [.. Enumerable.Range(0, processes).Select(_ => new Queue<(int From, int To)>())];
    private readonly bool[] _isSending = new bool[processes];
    private readonly double[] _received = new double[processes]; // when what is on its way in will be there
    private readonly long[] _bytesSent = new long[processes];
    private long _number;

    /// <summary>Seconds since the beginning.</summary>
    public double Now { get; private set; }

    /// <summary>Messages that went through links.</summary>
    public long MessageCount { get; private set; }

    /// <summary>Bytes that the busiest link sent.</summary>
    public long MostBytesSent => _bytesSent.Max();

    /// <summary>Goes on until nothing is left to happen.</summary>
    public void Run()
    {
        while (_events.TryDequeue(out var happens, out var at))
        {
            Now = at.Time;
            happens();
        }
    }

    /// <summary>What was sent so far does not count.</summary>
    public void ResetCounts()
    {
        MessageCount = 0;
        Array.Clear(_bytesSent);
    }

    /// <summary>Does something later.</summary>
    public void At(double time, Action happens) => _events.Enqueue(happens, (time, _number++));

    /// <summary>Sends a message; inside a process it is there at once.</summary>
    public void Send(int from, int to, long bytes, Action arrives)
    {
        if (from == to)
        {
            At(Now, arrives);
            return;
        }

        if (!_connections.TryGetValue((from, to), out var waiting))
        {
            _connections.Add((from, to), waiting = new Queue<Message>());
        }

        if (waiting.Count == 0)
        {
            _turns[from].Enqueue((from, to));
        }

        waiting.Enqueue(new Message(arrives) { Left = bytes });
        MessageCount++;
        _bytesSent[from] += bytes;
        SendNext(from);
    }

    private void SendNext(int from)
    {
        if (_isSending[from] || !_turns[from].TryDequeue(out var connection))
        {
            return;
        }

        var waiting = _connections[connection];
        var message = waiting.Peek();
        var seconds = Math.Min(PieceBytes, message.Left) / bytesPerSecond;
        message.Left -= PieceBytes;
        var isLast = message.Left <= 0;
        _isSending[from] = true;
        At(Now + seconds, () =>
        {
            _isSending[from] = false;
            if (isLast)
            {
                waiting.Dequeue();
            }

            if (waiting.Count > 0)
            {
                _turns[from].Enqueue(connection);
            }

            At(Now + (roundTrip.TotalSeconds / 2), () => Receive(connection.To, seconds, isLast ? message.Arrives : null));
            SendNext(from);
        });
    }

    private void Receive(int to, double seconds, Action? arrives)
    {
        _received[to] = Math.Max(Now, _received[to] + seconds);
        if (arrives is not null)
        {
            At(_received[to], arrives);
        }
    }

    private sealed class Message(Action arrives)
    {
        public Action Arrives { get; } = arrives;

        /// <summary>Bytes still to be sent.</summary>
        public long Left { get; set; }
    }
}
