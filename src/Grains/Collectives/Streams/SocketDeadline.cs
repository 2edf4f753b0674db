using System.Net.Sockets;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Ends a socket that has not gone through its handshake in time, whatever call it blocks in.</summary>
internal sealed class SocketDeadline : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _expired;
    private readonly CancellationTokenRegistration _onExpiry;
    private readonly CancellationTokenRegistration _onStop;

    public SocketDeadline(Socket socket, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        _timeout = timeout;
        _expired = new CancellationTokenSource(_timeout, clock);
        _onExpiry = _expired.Token.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
        _onStop = cancellationToken.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
    }

    /// <summary>Expires when the time is up.</summary>
    public CancellationToken Expired => _expired.Token;

    /// <summary>What really happened: a socket ended from here fails in odd ways.</summary>
    public Exception Explain(Exception exception) => _expired.IsCancellationRequested
        ? new RejectedException(RejectReason.TimedOut, $"no handshake within {_timeout}")
        : exception;

    public void Dispose()
    {
        _onStop.Dispose();
        _onExpiry.Dispose();
        _expired.Dispose();
    }
}
