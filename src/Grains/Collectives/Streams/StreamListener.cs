using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Takes the connections that other processes dial, and hands on those that go through the handshake.</summary>
/// <remarks>
/// Strangers cost a thread each, for at most the handshake's timeout, and there is a bound on how many at a time. At the bound the one that has
/// said nothing for longest makes room: who dials in earnest says hello at once.
/// </remarks>
internal sealed partial class StreamListener : IDisposable
{
    private const int Backlog = 128;

    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener;
    private readonly TransportServices _services;
    private readonly Func<HandshakeParty, IDialledRun?> _find;
    private readonly ILogger _logger;
    private readonly RejectionLog _rejections;
    private readonly LinkedList<Socket> _silent = new();
    private readonly Lock _gate = new();
    private int _handshakes;

    /// <summary>Binds and begins to accept.</summary>
    /// <exception cref="SocketException">The address or port cannot be had.</exception>
    public StreamListener(TransportServices services, Func<HandshakeParty, IDialledRun?> find)
    {
        _services = services;
        _logger = services.Logger;
        _rejections = new RejectionLog(services.Clock, services.Logger);
        _find = find;
        var address = IPAddress.Parse(services.Options.ListenAddress);
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(new IPEndPoint(address, services.Options.ListenPort));
            _listener.Listen(Backlog);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        var isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        var host = services.Options.AdvertisedHost ?? (isAny ? Dns.GetHostName() : address.ToString());
        Endpoint = $"{host}:{((IPEndPoint)_listener.LocalEndPoint!).Port}";
        Completion = Task.Run(AcceptAsync);
    }

    /// <summary>Host and port that others dial.</summary>
    public string Endpoint { get; }

    /// <summary>Done when nothing more is accepted.</summary>
    public Task Completion { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _rejections.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                if (!TryAdmit(socket))
                {
                    socket.Dispose();
                    Reject(new RejectedException(RejectReason.TooMany, $"{_services.Options.MaxHandshakes} handshakes are under way"));
                    continue;
                }

                _ = Task.Factory.StartNew(() => Greet(socket), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (Exception exception) when (exception is SocketException && !_stop.IsCancellationRequested)
            {
                // Out of descriptors, most likely: the next turn may find some.
                LogAcceptFailed(exception.Message);
                await Task.Delay(_services.Options.FirstDialDelay, _services.Clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private bool TryAdmit(Socket socket)
    {
        Socket? oldest = null;
        lock (_gate)
        {
            if (_handshakes + _silent.Count >= _services.Options.MaxHandshakes)
            {
                oldest = _silent.First?.Value;
                if (oldest is null)
                {
                    return false;
                }

                _silent.RemoveFirst();
            }

            _silent.AddLast(socket);
        }

        if (oldest is not null)
        {
            oldest.Dispose();
            Reject(new RejectedException(RejectReason.TooMany, $"it said nothing while {_services.Options.MaxHandshakes} handshakes were under way and another came"));
        }

        return true;
    }

    private void Greet(Socket socket)
    {
        using var deadline = new SocketDeadline(socket, _services.Options.HandshakeTimeout, _services.Clock, _stop.Token);
        var isUnderWay = false;
        try
        {
            SocketTuning.Apply(socket);
            var (secured, party, hello, run) = ReceiveHello(socket);
            isUnderWay = TryEndSilence(socket, isUnderWay: true);
            if (isUnderWay)
            {
                var link = run.WaitForLink(party, deadline.Expired);
                link.Attach(secured, Handshake.Answer(secured, hello, run.Token, link.Inbound.Last));
            }
        }
        catch (Exception exception)
        {
            socket.Dispose(); // whatever it was, it was this connection's alone
            if (isUnderWay || TryEndSilence(socket, isUnderWay: false))
            {
                Reject(deadline.Explain(exception));
            }
        }
        finally
        {
            if (isUnderWay)
            {
                lock (_gate)
                {
                    _handshakes--;
                }
            }
        }
    }

    private (StreamSocket Secured, HandshakeParty Party, byte[] Hello, IDialledRun Run) ReceiveHello(Socket socket)
    {
        using var deadline = new SocketDeadline(socket, _services.Options.HelloTimeout, _services.Clock, _stop.Token);
        try
        {
            var secured = new StreamSocket(socket, _services.Security?.Accept(socket));
            var (party, hello) = Handshake.ReceiveHello(secured);
            return (secured, party, hello, _find(party) ?? throw new RejectedException(RejectReason.UnknownRun, $"no generation {party.Generation} of run {party.RunId} here"));
        }
        catch (Exception exception)
        {
            throw deadline.Explain(exception);
        }
    }

    // False when it had to make room for another, which was told then.
    private bool TryEndSilence(Socket socket, bool isUnderWay)
    {
        lock (_gate)
        {
            var wasSilent = _silent.Remove(socket);
            _handshakes += wasSilent && isUnderWay ? 1 : 0;
            return wasSilent;
        }
    }

    private void Reject(Exception exception)
    {
        var reason = exception switch
        {
            RejectedException rejected => rejected.Reason,
            AuthenticationException => RejectReason.Certificate,
            _ => RejectReason.Truncated,
        };
        _services.Counters.AddRejected(reason);
        _rejections.Add(reason, exception.Message);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Streams could not be accepted: {Problem}")]
    private partial void LogAcceptFailed(string problem);
}
