using System.Diagnostics.Metrics;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Grains.Telemetry;

namespace Lcnn.Distributed.Grains.Hosting;

/// <summary>What stands at the moment on this silo, looked at when somebody asks: runs, sweeps, slots, the store.</summary>
internal sealed class SiloGauges : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly LiveWork<RunPhase> _runs;
    private readonly LiveWork<SweepPhase> _sweeps;
    private readonly SlotLedger _slots;
    private readonly StoreReach _reach;

    public SiloGauges(IMeterFactory meters, LiveWork<RunPhase> runs, LiveWork<SweepPhase> sweeps, SlotLedger slots, StoreReach reach)
    {
        (_runs, _sweeps, _slots, _reach) = (runs, sweeps, slots, reach);
        var meter = meters.Create(Measures.Name);
        meter.CreateObservableGauge("lcnn.runs", () => Count(LiveRuns), "{run}", "Runs that this silo coordinates");
        meter.CreateObservableGauge(
            "lcnn.run.info", () => LiveRuns.Select(run => new Measurement<long>(1, new KeyValuePair<string, object?>("run_id", run.Id))), description: "1 for each run that this silo coordinates");
        meter.CreateObservableGauge("lcnn.sweeps", () => Count(_sweeps.All.Where(static sweep => sweep.Phase is not (SweepPhase.Completed or SweepPhase.Failed))), "{sweep}", "Sweeps that this silo schedules");
        meter.CreateObservableGauge("lcnn.slots", CountSlots, "{slot}", "Slots of this silo");
        meter.CreateObservableGauge("lcnn.slots.waiting", () => (long)LiveRuns.Count(static run => run.Phase == RunPhase.Waiting), "{run}", "Runs coordinated here that wait for slots");
        meter.CreateObservableGauge("lcnn.store.reachable", () => _reach.Away == TimeSpan.Zero ? 1L : 0L, description: "Whether this silo reaches the store of records");
    }

    private IEnumerable<(string Id, RunPhase Phase)> LiveRuns => _runs.All.Where(static run => run.Phase is not (RunPhase.Completed or RunPhase.Failed or RunPhase.Cancelled));

    // Made with the silo; there is nothing to start.
    public void Participate(ISiloLifecycle lifecycle)
    {
    }

    private static IEnumerable<Measurement<long>> Count<TPhase>(IEnumerable<(string Id, TPhase Phase)> all)
        where TPhase : struct, Enum => all.CountBy(static one => one.Phase)
        .Select(static phase => new Measurement<long>(phase.Value, new KeyValuePair<string, object?>("phase", phase.Key.ToString().ToLowerInvariant())));

    private IEnumerable<Measurement<long>> CountSlots()
    {
        var slots = _slots.Report();
        var held = slots.Count(static slot => slot.Holder is not null);
        yield return new Measurement<long>(held, new KeyValuePair<string, object?>("state", "held"));
        yield return new Measurement<long>(slots.Count - held, new KeyValuePair<string, object?>("state", "free"));
    }
}
