using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>A sweep behind its grain. Every call may be repeated, so that a lost answer does no harm.</summary>
internal sealed class SweepHandle(string id, ISweepGrain sweep, TimeProvider clock, ILogger logger) : ISweepHandle, IWatchedLog<SweepEvent>
{
    private const int TrialsAtOnce = 200;

    private readonly Retry _retry = new(id, clock, logger);

    public string Id { get; } = id;

    public IAsyncEnumerable<SweepEvent> WatchAsync(long afterSequence = 0, CancellationToken cancellationToken = default) =>
        LogWatch.FollowAsync(this, Id, afterSequence, clock, logger, cancellationToken);

    public async Task<SweepEvent> WaitAsync(CancellationToken cancellationToken = default)
    {
        // The final event is the last of the log: what is before it need not be read.
        var last = await _retry.CallAsync(() => ((IWatchedLog<SweepEvent>)this).GetLastSequenceAsync(cancellationToken), cancellationToken);
        await foreach (var next in WatchAsync(Math.Max(0, last - 1), cancellationToken))
        {
            if (next.IsFinal)
            {
                return next;
            }
        }

        throw new SweepNotFoundException(Id);
    }

    public Task<SweepStatus> GetStatusAsync(CancellationToken cancellationToken = default) => _retry.CallAsync(() => sweep.GetStatusAsync(cancellationToken), cancellationToken);

    public async Task<SweepSpec> GetSpecAsync(CancellationToken cancellationToken = default) =>
        await _retry.CallAsync(() => sweep.GetSpecAsync(cancellationToken), cancellationToken) ?? throw new SweepNotFoundException(Id);

    public async Task<IReadOnlyList<TrialEntry>> GetTrialsAsync(CancellationToken cancellationToken = default)
    {
        var trials = new List<TrialEntry>();
        while (true)
        {
            var page = await _retry.CallAsync(() => sweep.GetTrialsAsync(trials.Count + 1, TrialsAtOnce, cancellationToken), cancellationToken);
            trials.AddRange(page);
            if (page.Count < TrialsAtOnce)
            {
                return trials;
            }
        }
    }

    public Task PauseAsync(CancellationToken cancellationToken = default) => _retry.CallAsync(() => sweep.PauseAsync(cancellationToken), cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken = default) => _retry.CallAsync(() => sweep.ResumeAsync(cancellationToken), cancellationToken);

    public Task StopAsync(string reason, CancellationToken cancellationToken = default) => _retry.CallAsync(() => sweep.StopAsync(reason, cancellationToken), cancellationToken);

    public Task AddTrialsAsync(int count, IReadOnlyList<ParameterSet>? parameters = null, CancellationToken cancellationToken = default)
    {
        var request = new AddTrials { Count = count, Parameters = parameters ?? [] };
        return _retry.CallAsync(() => sweep.AddTrialsAsync(request, cancellationToken), cancellationToken);
    }

    public Task StartAsync(SweepSpec spec, CancellationToken cancellationToken) => _retry.CallAsync(() => sweep.StartAsync(spec, cancellationToken), cancellationToken);

    IAsyncEnumerable<SweepEvent> IWatchedLog<SweepEvent>.WatchAsync(long afterSequence, CancellationToken cancellationToken) =>
        sweep.WatchAsync(afterSequence, cancellationToken);

    async Task<long> IWatchedLog<SweepEvent>.GetLastSequenceAsync(CancellationToken cancellationToken)
    {
        var status = await sweep.GetStatusAsync(cancellationToken);
        return status.Phase == SweepPhase.Unknown ? throw new SweepNotFoundException(Id) : status.LastSequence;
    }
}
