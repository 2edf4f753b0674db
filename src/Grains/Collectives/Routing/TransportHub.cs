using System.Collections.Concurrent;
using System.Net.Sockets;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Relays;
using Lcnn.Distributed.Grains.Collectives.Streams;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Grains.Collectives.Routing;

/// <summary>The transports of all runs that have ranks in this process: one listener, one set of mailboxes and links a generation.</summary>
/// <remarks>Safe for concurrent use; no call waits for another process.</remarks>
internal sealed partial class TransportHub : IDisposable
{
    private readonly ConcurrentDictionary<(ulong Tag, int Generation), RunTransport> _runs = new();
    private readonly Guid _process = Guid.NewGuid();
    private readonly Lazy<StreamListener?> _listener;
    private readonly TransportServices _services;
    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private bool _isDisposed;

    public TransportHub(IOptions<TransportOptions> options, TimeProvider clock, ILogger<TransportHub> logger, IStreamSecurity? security = null)
    {
        _services = new TransportServices(options.Value, clock, new TransportCounters(), logger, security);
        _logger = logger;
        _listener = new Lazy<StreamListener?>(Listen);
    }

    /// <summary>Where ranks of this process are found; the first question starts the listener.</summary>
    public PeerAddress Local => new(_process.ToString("N"), _listener.Value?.Endpoint ?? "");

    public TransportCounters Counters => _services.Counters;

    /// <summary>A rank joins: from now on its parcels are kept for it.</summary>
    public Mailbox Open(string runId, int generation, int rank)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var run = Find(runId, generation);
            if (run is null or { IsClosing: true })
            {
                run = new RunTransport(runId, generation, _process, _services);
                _runs[(run.Run.Tag, generation)] = run;
            }

            return run.Open(rank);
        }
    }

    /// <summary>A rank begins: the ways from it to all others. It must have been opened.</summary>
    /// <param name="transport">One of <see cref="Contracts.Runs.Names.Transports"/>.</param>
    /// <param name="peers">All ranks, this one too.</param>
    /// <param name="relayOf">The grain of a rank.</param>
    /// <exception cref="WorkerInputException">The transport that was asked for does not reach all ranks.</exception>
    public ITransport Connect(
        string runId, int generation, int rank, string transport, WorkerPeers peers, Func<int, IParcelRelay> relayOf)
    {
        var run = Find(runId, generation) ?? throw new InvalidOperationException($"rank {rank} of {runId} connects in generation {generation} without having joined it");
        run.Connect(rank, transport, peers, relayOf);
        return run;
    }

    /// <summary>Takes a block that came through a grain; the same one again changes nothing.</summary>
    /// <returns>Whether it is of a run that has a rank here.</returns>
    /// <exception cref="RejectedException">It is not a block for this process.</exception>
    public bool Receive(byte[] block)
    {
        try
        {
            var (from, to, header) = RelayBlock.Read(block);
            if (to != _process)
            {
                throw new RejectedException(RejectReason.WrongProcess, $"a block for process {to:N} came to {_process:N}");
            }

            if (_runs.TryGetValue((header.Run, header.Generation), out var run))
            {
                run.Receive(from, header, block.AsSpan(RelayBlock.HeadBytes));
                return true;
            }

            Counters.AddStale();
            return false;
        }
        catch (RejectedException rejected)
        {
            Counters.AddRejected(rejected.Reason);
            throw;
        }
    }

    /// <summary>A rank leaves: gives back what it did not take, and ends the run's connections after the last rank here.</summary>
    public void Close(string runId, int generation, int rank)
    {
        lock (_gate)
        {
            if (Find(runId, generation) is { } run && run.Close(rank))
            {
                _ = ForgetAsync(run);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            foreach (var run in _runs.Values)
            {
                _ = run.CloseAsync();
            }

            _runs.Clear();
        }

        if (_listener.IsValueCreated)
        {
            _listener.Value?.Dispose();
        }
    }

    // Until it has sent what it owes, others may still dial it.
    private async Task ForgetAsync(RunTransport run)
    {
        await run.CloseAsync();
        _runs.TryRemove(KeyValuePair.Create((run.Run.Tag, run.Run.Generation), run));
    }

    private RunTransport? Find(string runId, int generation) => _runs.GetValueOrDefault((FrameHeader.TagOf(runId), generation));

    private StreamListener? Listen()
    {
        try
        {
            return new StreamListener(_services, party => Find(party.RunId, party.Generation));
        }
        catch (Exception exception) when (exception is SocketException or FormatException)
        {
            LogNoListener(_services.Options.ListenAddress, _services.Options.ListenPort, exception.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No stream listener on {Address}:{Port}, parcels go through grains: {Problem}")]
    private partial void LogNoListener(string address, int port, string problem);
}
