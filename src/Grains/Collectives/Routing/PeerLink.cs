using System.Net.Sockets;
using System.Threading.Channels;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Relays;
using Lcnn.Distributed.Grains.Collectives.Streams;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Collectives.Routing;

/// <summary>The way from this process to another in one generation of a run: a stream as long as one can be had, then grains.</summary>
/// <remarks>
/// The process with the lower id dials. A connection that breaks is dialled again and resumes at the first parcel that has not arrived;
/// dials that lead to nothing are counted, and after the last one the pair uses grains to the end. A parcel is numbered once, whatever
/// carries it, so that nothing is lost or delivered twice on the way from one transport to the other.
/// </remarks>
internal sealed partial class PeerLink : IDialledLink, IAsyncDisposable
{
    private readonly Channel<(StreamSocket Socket, long ArrivedThere)> _accepted =
        Channel.CreateBounded<(StreamSocket Socket, long ArrivedThere)>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }, dropped => dropped.Socket.Dispose());

    private readonly CancellationTokenSource _stop = new(); // of everything
    private readonly CancellationTokenSource _streamStop; // of streams alone
    private readonly LinkPlan _plan;
    private readonly RunTransport _transport;
    private readonly Func<int, IParcelRelay> _relayOf;
    private readonly ILogger _logger;
    private StreamConnection? _connection;
    private bool _stoodStill; // the last connection: perhaps for packets too large for some link on the way

    public PeerLink(RunTransport transport, Inbound inbound, LinkPlan plan, TransportServices services, Func<int, IParcelRelay> relayOf)
    {
        _transport = transport;
        Inbound = inbound;
        Outbox = new Outbox(services.Options.MaxUnacknowledgedBytes, transport.Run.Budget);
        _plan = plan;
        Services = services;
        _logger = services.Logger;
        _relayOf = relayOf;
        _streamStop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
    }

    /// <summary>Done when nothing more is sent or received.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public LinkedRun Run => _transport.Run;

    /// <inheritdoc/>
    public Inbound Inbound { get; }

    /// <inheritdoc/>
    public Outbox Outbox { get; }

    /// <inheritdoc/>
    public TransportServices Services { get; }

    public Guid Process => _plan.Process;

    /// <summary>Whether connections are to come from the other side.</summary>
    public bool IsDialled => _plan is { UsesStream: true, Dials: false };

    /// <summary>Begins, once the routes are known that frames are checked against.</summary>
    public void Start() => Completion = Task.Run(RunAsync);

    /// <inheritdoc/>
    public void Attach(StreamSocket socket, long arrivedThere)
    {
        var before = Volatile.Read(ref _connection);
        if (!_accepted.Writer.TryWrite((socket, arrivedThere)))
        {
            socket.Dispose();
        }

        before?.Abort(); // the other side saw it break first
    }

    /// <summary>The other side has fallen back to grains; no connection will come any more.</summary>
    public void FollowToGrain()
    {
        if (_plan is { UsesStream: true, UsesGrain: true })
        {
            _streamStop.Cancel();
        }
    }

    /// <summary>Sends what is owed, for a while, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        Outbox.Close();
        if (Outbox.UnacknowledgedCount > 0 || Volatile.Read(ref _connection) is not null)
        {
            using var patience = new CancellationTokenSource(Services.Options.DrainTimeout, Services.Clock);
            await Completion.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _stop.CancelAsync();
        Outbox.Wake();
        Outbox.Drop(null);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The sources hold no timer, and a late block may still cancel one: they are left to the collector.
    }

    /// <inheritdoc/>
    public void CheckRanks(in FrameHeader header) => _transport.CheckRanks(_plan.Process, header);

    private async Task RunAsync()
    {
        try
        {
            var problem = _plan.UsesStream ? await StreamAsync() : null;
            RefuseConnections();
            var isSent = _plan.UsesStream && problem is null;
            if (_plan.UsesGrain && !isSent && !_stop.IsCancellationRequested && problem is not PeerLeftException)
            {
                problem = await RelayAsync(problem);
            }

            if (problem is not null && !_stop.IsCancellationRequested)
            {
                GiveUp(problem);
            }
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
        finally
        {
            RefuseConnections();
        }
    }

    // One that nobody would read looks alive to the other side.
    private void RefuseConnections()
    {
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out var late))
        {
            late.Socket.Dispose();
        }
    }

    // Null when this side has left and everything has arrived.
    private async Task<Exception?> StreamAsync()
    {
        var (failures, since) = (0, Services.Clock.GetTimestamp());
        while (true)
        {
            var (problem, madeProgress) = await TryStreamAsync();
            if (problem is null or PeerLeftException || _streamStop.IsCancellationRequested)
            {
                return problem;
            }

            if (problem is RejectedException rejected)
            {
                Services.Counters.AddRejected(rejected.Reason);
            }

            LogBroken(_plan.Address.StreamEndpoint, problem.Message);
            (failures, since) = madeProgress ? (1, Services.Clock.GetTimestamp()) : (failures + 1, since);
            if (_plan.Dials ? IsInVain(failures, since) : problem is TimeoutException)
            {
                return problem;
            }

            if (_plan.Dials)
            {
                await Task.Delay(Services.Options.DelayAfter(failures), Services.Clock, _streamStop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Neither a short outage nor a crowd at the other side's door is the end of a stream.
    private bool IsInVain(int failures, long since) => failures >= Services.Options.MaxDials && Services.Clock.GetElapsedTime(since) >= Services.Options.DialTime;

    // Whatever breaks a connection, bugs included, is no more than that.
    private async Task<(Exception? Problem, bool MadeProgress)> TryStreamAsync()
    {
        StreamConnection? connection = null;
        try
        {
            var (socket, arrivedThere) = _plan.Dials ? await DialAsync() : await AcceptAsync();
            connection = new StreamConnection(socket, this);
            Outbox.Resume(arrivedThere);
            Volatile.Write(ref _connection, connection);
            using var abort = _streamStop.Token.UnsafeRegister(static connection => ((StreamConnection)connection!).Abort(), connection);
            var problem = await connection.RunAsync();
            _stoodStill = problem is SocketException { SocketErrorCode: SocketError.TimedOut };
            return (connection.PeerLeft ? new PeerLeftException() : problem, connection.MadeProgress);
        }
        catch (Exception exception)
        {
            return (exception, false);
        }
        finally
        {
            Volatile.Write(ref _connection, null);
            connection?.Dispose();
        }
    }

    private Task<(StreamSocket Socket, long ArrivedThere)> DialAsync()
    {
        Services.Counters.AddDial();
        return StreamDialler.DialAsync(_plan.Address.StreamEndpoint, _transport.PartyWith(_plan.Process, dials: true), _transport.Token, Inbound.Last, _stoodStill, Services, _streamStop.Token);
    }

    private async Task<(StreamSocket Socket, long ArrivedThere)> AcceptAsync()
    {
        using var patience = new CancellationTokenSource(Services.Options.DialledTimeout, Services.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _streamStop.Token);
        try
        {
            return await _accepted.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new TimeoutException($"no connection came within {Services.Options.DialledTimeout}");
        }
    }

    private async Task<Exception?> RelayAsync(Exception? streamProblem)
    {
        if (streamProblem is not null)
        {
            Services.Counters.AddFallback();
            LogFellBack(_plan.Address.StreamEndpoint, streamProblem.Message);
        }

        Outbox.ResumeByGrain();
        var sender = new RelaySender(Run, Outbox, _plan.Process, Services, _relayOf);
        if (streamProblem is not null)
        {
            sender.Notify(_transport.FirstRankOf(_plan.Process), _stop.Token);
        }

        return await sender.RunAsync(_stop.Token);
    }

    private void GiveUp(Exception problem)
    {
        if (problem is PeerLeftException)
        {
            // Whoever left has all it needs; who waits for it must know, who sends to it need not.
            Outbox.Drop(null);
            _transport.FailRanksOf(_plan.Process, problem);
            return;
        }

        LogUnreachable(_plan.Address.StreamEndpoint, problem.Message);
        Outbox.Drop(rank => new PeerUnreachableException(_transport.RankAt(_plan.Process, rank), _plan.Address.StreamEndpoint, problem.Message, problem));
        _transport.FailRanksOf(_plan.Process, problem);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stream with {Endpoint} broke: {Problem}")]
    private partial void LogBroken(string endpoint, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream with {Endpoint} given up, its parcels go through grains: {Problem}")]
    private partial void LogFellBack(string endpoint, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No transport reaches {Endpoint}: {Problem}")]
    private partial void LogUnreachable(string endpoint, string problem);
}
