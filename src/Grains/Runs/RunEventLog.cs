using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The log of one run. Steps may be left out while the store is away; training goes on.</summary>
internal sealed class RunEventLog : EventLog<RunEvent>
{
    private readonly string _runId;

    private RunEventLog(
        string runId, IEventLogStore<RunEvent> store, TimeProvider clock, ILogger logger, EventLogLimits limits, IReadOnlyList<RunEvent> newest, RunLogTail tail)
        : base(runId, store, clock, logger, limits, newest) => (_runId, Tail) = (runId, tail);

    /// <summary>What was stored when this log was opened.</summary>
    public RunLogTail Tail { get; }

    /// <summary>Opens the log of a run, new or to be continued.</summary>
    /// <remarks>Fails at once when the store is away: without its end no log can be continued.</remarks>
    public static async Task<RunEventLog> OpenAsync(
        string runId, IEventLogStore<RunEvent> store, TimeProvider clock, ILogger logger, EventLogLimits? limits = null, CancellationToken cancellationToken = default)
    {
        limits ??= new EventLogLimits();
        var newest = await store.ReadBeforeAsync(runId, long.MaxValue, limits.Window, cancellationToken);
        var tail = await RunLogTail.ReadAsync(runId, store, newest, limits.Window, cancellationToken);
        return new RunEventLog(runId, store, clock, logger, limits, newest, tail) { Beginning = newest.OfType<RunStarted>().FirstOrDefault() };
    }

    protected override RunEvent Number(RunEvent added, long sequence, DateTimeOffset time) => added with { RunId = _runId, Sequence = sequence, Time = time };

    protected override DateTimeOffset TimeOf(RunEvent logged) => logged.Time;

    protected override bool CanSpare(RunEvent added) => added is StepCompleted;

    protected override RunEvent LeftOut(RunEvent first, int waiting) => new RunWarning
    {
        Message = $"the event log's store is away and {waiting} events wait for it: steps from {((StepCompleted)first).Step} on are left out of the log until it is back; training goes on",
    };
}
