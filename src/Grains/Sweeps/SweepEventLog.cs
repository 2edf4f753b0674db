using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The log of one sweep.</summary>
internal sealed class SweepEventLog : EventLog<SweepEvent>
{
    private readonly string _sweepId;

    private SweepEventLog(
        string sweepId, IEventLogStore<SweepEvent> store, TimeProvider clock, ILogger logger, EventLogLimits limits, IReadOnlyList<SweepEvent> newest)
        : base(sweepId, store, clock, logger, limits, newest) => _sweepId = sweepId;

    /// <summary>Opens the log of a sweep, new or to be continued.</summary>
    /// <remarks>Fails at once when the store is away: without its end no log can be continued.</remarks>
    public static async Task<SweepEventLog> OpenAsync(
        string sweepId, IEventLogStore<SweepEvent> store, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var limits = new EventLogLimits();
        var newest = await store.ReadBeforeAsync(sweepId, long.MaxValue, limits.Window, cancellationToken);
        return new SweepEventLog(sweepId, store, clock, logger, limits, newest);
    }

    protected override SweepEvent Number(SweepEvent added, long sequence, DateTimeOffset time) =>
        added with { SweepId = _sweepId, Sequence = sequence, Time = time };

    protected override DateTimeOffset TimeOf(SweepEvent logged) => logged.Time;
}
