using System.Diagnostics;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Telemetry;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Tells of each step of a rank what it took; the sums are kept by those who do the work.</summary>
internal sealed class StepMeasures(WorkerReplica replica, RankChannel channel, StepExchange exchange)
{
    private const int StepsBetweenSpans = 100;

    private Totals _now;
    private Totals _epoch; // when it began
    private TimeSpan _waited; // before this step, evaluation included
    private IReadOnlyDictionary<string, long> _sent = channel.BytesSent;

    /// <summary>A step begins; a span for one in a hundred, where somebody collects them.</summary>
    public Activity? Begin(long step)
    {
        _waited = channel.Waited;
        return step % StepsBetweenSpans != 0 ? null : Measures.Spans.StartActivity(
            "lcnn.step", ActivityKind.Internal, parentContext: default, tags: [new("lcnn.run.id", replica.Assignment.RunId), new("lcnn.rank", channel.Rank), new("lcnn.step", step)]);
    }

    /// <summary>The step is made.</summary>
    /// <param name="samples">Of the global batch.</param>
    public void End(int samples, TimeSpan elapsed)
    {
        var (rank, last) = (channel.Rank, _now);
        _now = new Totals(
            last.Steps + 1, last.Elapsed + elapsed, exchange.Computed, exchange.Forwarded, exchange.Owned, last.Waited + channel.Waited - _waited, exchange.Gathered);
        var step = _now.Since(last);
        Measures.TimeStep(rank, "step", elapsed);
        Measures.TimeStep(rank, "compute", step.Computed / replica.Threads);
        Measures.TimeStep(rank, "exchange", step.Waited);
        Measures.TimeStep(rank, "owner", step.Owned);
        var sent = channel.BytesSent;
        foreach (var (transport, bytes) in sent)
        {
            if (bytes - _sent.GetValueOrDefault(transport) is > 0 and var more)
            {
                Measures.CountExchanged(transport, more);
            }
        }

        _sent = sent;
        if (channel.Leads)
        {
            Measures.CountStep(samples);
        }
    }

    /// <summary>A mean step since this was last asked; null where there was none.</summary>
    public StepTimes? TakeEpoch()
    {
        var spent = _now.Since(_epoch);
        _epoch = _now;
        double Mean(TimeSpan time) => time.TotalSeconds / spent.Steps;
        return spent.Steps == 0 ? null : new StepTimes(
            Mean(spent.Elapsed), Mean(spent.Forwarded / replica.Threads), Mean((spent.Computed - spent.Forwarded) / replica.Threads), Mean(spent.Owned), Mean(spent.Waited),
            Mean(spent.Gathered / replica.Threads));
    }

    /// <summary>All that the rank did.</summary>
    /// <param name="samples">It computed in the run's history.</param>
    /// <param name="timed">Of these, those of this loop.</param>
    public RankReport Report(long samples, long timed) => new()
    {
        Rank = channel.Rank,
        Samples = samples,
        ComputeSeconds = exchange.Computed.TotalSeconds,
        ForwardSeconds = exchange.Forwarded.TotalSeconds,
        DataSeconds = exchange.Gathered.TotalSeconds,
        OwnerSeconds = exchange.Owned.TotalSeconds,
        WaitSeconds = channel.Waited.TotalSeconds,
        BytesSent = channel.BytesSent,
        TimedSamples = timed,
        StepSeconds = _now.Elapsed.TotalSeconds,
        Threads = replica.Threads,
    };

    // Since the loop began; what threads spend is of all of them together.
    private readonly record struct Totals(long Steps, TimeSpan Elapsed, TimeSpan Computed, TimeSpan Forwarded, TimeSpan Owned, TimeSpan Waited, TimeSpan Gathered)
    {
        public Totals Since(Totals before) => new(
            Steps - before.Steps, Elapsed - before.Elapsed, Computed - before.Computed, Forwarded - before.Forwarded, Owned - before.Owned, Waited - before.Waited,
            Gathered - before.Gathered);
    }
}
