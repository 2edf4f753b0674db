using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>Stands in for <see cref="Socket"/>: blocking, over the network of the schedule, which takes and gives parts, breaks and refuses by choice.</summary>
/// <remarks>As with TCP, closing an end that has not read everything breaks the other, and what was on its way to it may be lost.</remarks>
public sealed class SocketStandIn(SocketType socketType, ProtocolType protocolType) : IDisposable
{
    private readonly Queue<SocketStandIn> _backlog = new();
    private readonly Schedule _schedule = Schedule.Current;
    private TaskCompletionSource<SocketStandIn>? _acceptor;
    private Pipe? _in;
    private Pipe? _out;
    private bool _isClosed;

    public SocketStandIn(AddressFamily addressFamily, SocketType socketType, ProtocolType protocolType)
        : this(socketType, protocolType) => _ = addressFamily;

    public ProtocolType Protocol => protocolType;

    public SocketType Type => socketType;

    public EndPoint? LocalEndPoint { get; private set; }

    public EndPoint? RemoteEndPoint { get; private set; }

    public bool NoDelay { get; set; }

    public int SendBufferSize { get; set; }

    public int ReceiveBufferSize { get; set; }

    public void Bind(EndPoint endPoint) => LocalEndPoint = endPoint;

    public void Listen(int backlog) => LocalEndPoint = _schedule.Network.Listen(this);

    public void SetSocketOption(SocketOptionLevel level, SocketOptionName name, bool value) => ThrowIfClosed();

    public void SetSocketOption(SocketOptionLevel level, SocketOptionName name, int value) => ThrowIfClosed();

    public void SetRawSocketOption(int level, int name, ReadOnlySpan<byte> value) => ThrowIfClosed();

    public void Connect(string host, int port)
    {
        Schedule.Point("connect");
        ThrowIfClosed();
        var listener = _schedule.Network.ListenerAt(port);
        if (IsFault(rarity: 4))
        {
            throw new SocketException((int)(_schedule.Choices.OneIn(2) ? SocketError.ConnectionRefused : SocketError.TimedOut));
        }

        (_in, _out) = (new Pipe(_schedule.Network.Capacity), new Pipe(_schedule.Network.Capacity));
        (LocalEndPoint, RemoteEndPoint) = (new IPEndPoint(IPAddress.Loopback, 1), listener.LocalEndPoint);
        listener.Take(new SocketStandIn(socketType, protocolType) { _in = _out, _out = _in, LocalEndPoint = RemoteEndPoint, RemoteEndPoint = LocalEndPoint });
    }

    public ValueTask<SocketStandIn> AcceptAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (IsFault(rarity: 16))
        {
            throw new SocketException((int)SocketError.TooManyOpenSockets);
        }

        if (_backlog.TryDequeue(out var socket))
        {
            return ValueTask.FromResult(socket);
        }

        var acceptor = _acceptor = new TaskCompletionSource<SocketStandIn>(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.UnsafeRegister(_ => acceptor.TrySetCanceled(cancellationToken), null);
        return new ValueTask<SocketStandIn>(acceptor.Task);
    }

    public int Receive(byte[] place) => Receive(place.AsSpan());

    public int Receive(Span<byte> place)
    {
        Schedule.Point("receive");
        ThrowIfClosed();
        BreakByChoice();
        var pipe = _in!;
        _schedule.Await("receive", () => pipe.Count > 0 || pipe.IsEnded || pipe.Broken is not null || _isClosed);
        if (_isClosed)
        {
            throw new SocketException((int)SocketError.OperationAborted);
        }

        if (pipe.Count == 0)
        {
            return pipe.Broken is { } error ? throw new SocketException((int)error) : 0;
        }

        var count = Pipe.Portion(_schedule.Choices, Math.Min(pipe.Count, place.Length));
        pipe.Read(place[..count]);
        return count;
    }

    public int Send(ReadOnlySpan<byte> bytes)
    {
        Schedule.Point("send");
        ThrowIfClosed();
        BreakByChoice();
        var pipe = _out!;
        _schedule.Await("send", () => pipe.Room > 0 || pipe.Broken is not null || _isClosed);
        if (_isClosed)
        {
            throw new SocketException((int)SocketError.OperationAborted);
        }

        if (pipe.Broken is { } error)
        {
            throw new SocketException((int)error);
        }

        var count = Pipe.Portion(_schedule.Choices, Math.Min(pipe.Room, bytes.Length));
        pipe.Write(bytes[..count]);
        return count;
    }

    public void Shutdown(SocketShutdown how)
    {
        Schedule.Point("shutdown");
        ThrowIfClosed();
        if (_out!.Broken is { } error)
        {
            throw new SocketException((int)error);
        }

        _out.IsEnded = true;
    }

    public void Dispose()
    {
        Schedule.Point("close");
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        _acceptor?.TrySetException(new SocketException((int)SocketError.OperationAborted));
        if (RemoteEndPoint is null && LocalEndPoint is IPEndPoint { Port: > 0 } local)
        {
            _schedule.Network.Close(local.Port);
            while (_backlog.TryDequeue(out var waiting))
            {
                waiting.Dispose();
            }
        }

        if (_in is { } incoming && _out is { } outgoing)
        {
            outgoing.IsEnded = true;
            if (incoming.Count > 0)
            {
                outgoing.Break(SocketError.ConnectionReset, dropsBytes: _schedule.Choices.OneIn(2));
            }

            incoming.Break(SocketError.ConnectionReset, dropsBytes: true);
        }
    }

    private void Take(SocketStandIn socket)
    {
        if (_acceptor is not { } acceptor || !acceptor.TrySetResult(socket))
        {
            _backlog.Enqueue(socket);
        }

        _acceptor = null;
    }

    private void BreakByChoice()
    {
        if (IsFault(rarity: 32))
        {
            var error = _schedule.Choices.OneIn(4) ? SocketError.TimedOut : SocketError.ConnectionReset;
            _in!.Break(error, dropsBytes: _schedule.Choices.OneIn(2));
            _out!.Break(error, dropsBytes: _schedule.Choices.OneIn(2));
        }
    }

    private bool IsFault(int rarity)
    {
        if (_schedule.Network.FaultsLeft == 0 || !_schedule.Choices.OneIn(rarity))
        {
            return false;
        }

        _schedule.Network.FaultsLeft--;
        return true;
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_isClosed, this);
}
