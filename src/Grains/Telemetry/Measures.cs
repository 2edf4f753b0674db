using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Lcnn.Distributed.Grains.Telemetry;

/// <summary>What this process counts and times, under the names that <c>docs/operations.md</c> explains. Without a listener nothing is kept.</summary>
/// <remarks>No label holds the id of a run: there are too many of them.</remarks>
internal static class Measures
{
    /// <summary>Name of the meter, and of the source of spans.</summary>
    public const string Name = "Lcnn.Distributed";

    private const string Seconds = "s";

    private static readonly Meter _meter = new(Name);
    private static readonly InstrumentAdvice<double> _quick = new() { HistogramBucketBoundaries = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60] };
    private static readonly InstrumentAdvice<double> _slow = new() { HistogramBucketBoundaries = [.1, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400] };

    private static readonly Counter<long> _steps = _meter.CreateCounter<long>("lcnn.steps", "{step}", "Steps made, counted by the leading rank");
    private static readonly Counter<long> _samples = _meter.CreateCounter<long>("lcnn.samples", "{sample}", "Training samples of those steps");
    private static readonly Histogram<double> _stepDuration = _meter.CreateHistogram("lcnn.step.duration", Seconds, "Time of a step on a rank, as a whole and by phase", tags: null, _quick);
    private static readonly Counter<long> _exchanged = _meter.CreateCounter<long>("lcnn.exchange.bytes", "By", "Bytes that ranks handed to others");
    private static readonly Counter<long> _snapshots = _meter.CreateCounter<long>("lcnn.snapshots", "{snapshot}", "Snapshots written");
    private static readonly Histogram<double> _snapshotDuration = _meter.CreateHistogram("lcnn.snapshot.duration", Seconds, "Time from a snapshot's step to its files", tags: null, _quick);
    private static readonly Counter<long> _generations = _meter.CreateCounter<long>("lcnn.generations", "{generation}", "Generations of workers formed");
    private static readonly Counter<long> _recoveries = _meter.CreateCounter<long>("lcnn.recoveries", "{recovery}", "Generations that ended before their run did");
    private static readonly Histogram<double> _slotsWait = _meter.CreateHistogram("lcnn.slots.wait.duration", Seconds, "Time that a generation waited for its slots", tags: null, _slow);
    private static readonly Counter<long> _trials = _meter.CreateCounter<long>("lcnn.trials", "{trial}", "Trials of sweeps that entered a state");
    private static readonly Histogram<double> _storeDuration = _meter.CreateHistogram("lcnn.store.duration", Seconds, "Time of a call to the store of records and logs", tags: null, _quick);
    private static readonly Counter<long> _refused = _meter.CreateCounter<long>("lcnn.refused", "{refusal}", "Connections and calls turned away");

    /// <summary>Spans: recoveries, trials, snapshots, now and then a step.</summary>
    public static ActivitySource Spans { get; } = new(Name);

    /// <summary>The leading rank has made a step.</summary>
    public static void CountStep(int samples)
    {
        _steps.Add(1);
        _samples.Add(samples);
    }

    /// <summary>A rank has spent time on a step.</summary>
    /// <param name="phase">"step" for the whole of it; "compute", "exchange" or "owner" for parts.</param>
    public static void TimeStep(int rank, string phase, TimeSpan time) =>
        _stepDuration.Record(time.TotalSeconds, new KeyValuePair<string, object?>("phase", phase), new KeyValuePair<string, object?>("rank", rank));

    /// <summary>A rank has handed bytes to others.</summary>
    public static void CountExchanged(string transport, long bytes) => _exchanged.Add(bytes, new KeyValuePair<string, object?>("transport", transport));

    /// <summary>A snapshot is on disk.</summary>
    public static void CountSnapshot(TimeSpan time)
    {
        _snapshots.Add(1);
        _snapshotDuration.Record(time.TotalSeconds);
    }

    /// <summary>A generation has its slots, after a wait.</summary>
    public static void CountGeneration(TimeSpan waited)
    {
        _generations.Add(1);
        _slotsWait.Record(waited.TotalSeconds);
    }

    /// <summary>A generation has ended before its run.</summary>
    /// <param name="reason">"silo_lost", "rank_lost", "silo_refused" or "regrouped".</param>
    public static void CountRecovery(string reason) => _recoveries.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A trial has entered a state.</summary>
    public static void CountTrial(string state) => _trials.Add(1, new KeyValuePair<string, object?>("state", state));

    /// <summary>Somebody was turned away.</summary>
    /// <param name="door">"connection", "stream" or "call".</param>
    public static void CountRefused(string door) => _refused.Add(1, new KeyValuePair<string, object?>("door", door));

    /// <summary>Makes a call to the store and times it.</summary>
    /// <param name="operation">Of the call.</param>
    public static async Task<T> TimeStoreAsync<T>(string operation, Func<Task<T>> call)
    {
        var start = Stopwatch.GetTimestamp();
        var outcome = "error";
        try
        {
            var answer = await call();
            outcome = "ok";
            return answer;
        }
        finally
        {
            _storeDuration.Record(
                Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    /// <summary>As the other, for a call without an answer.</summary>
    public static Task TimeStoreAsync(string operation, Func<Task> call) => TimeStoreAsync(operation, async () =>
    {
        await call();
        return true;
    });

    /// <summary>Begins a span that others may end in calls of their own, and that is nobody's parent.</summary>
    public static Activity? BeginSpan(string name, string runId)
    {
        var current = Activity.Current;
        var span = Spans.StartActivity(name, ActivityKind.Internal, parentContext: default, tags: [new("lcnn.run.id", runId)]);
        Activity.Current = current;
        return span;
    }
}
