using System.Diagnostics;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Telemetry;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Tells of each step of a rank what it took; the sums are kept by those who do the work.</summary>
internal sealed class StepMeasures(WorkerReplica replica, RankChannel channel, StepExchange exchange)
{
    private const int StepsBetweenSpans = 100;

    private TimeSpan _computed;
    private TimeSpan _waited;
    private TimeSpan _owned;
    private IReadOnlyDictionary<string, long> _sent = channel.BytesSent;

    /// <summary>A span for one step in a hundred, where somebody collects them.</summary>
    public Activity? Begin(long step) => step % StepsBetweenSpans != 0 ? null : Measures.Spans.StartActivity(
        "lcnn.step", ActivityKind.Internal, parentContext: default, tags: [new("lcnn.run.id", replica.Assignment.RunId), new("lcnn.rank", channel.Rank), new("lcnn.step", step)]);

    /// <summary>The step is made.</summary>
    /// <param name="samples">Of the global batch.</param>
    public void End(int samples, TimeSpan elapsed)
    {
        var rank = channel.Rank;
        Measures.TimeStep(rank, "step", elapsed);
        Measures.TimeStep(rank, "compute", (exchange.Computed - _computed) / replica.Threads);
        Measures.TimeStep(rank, "exchange", channel.Waited - _waited);
        Measures.TimeStep(rank, "owner", exchange.Owned - _owned);
        (_computed, _waited, _owned) = (exchange.Computed, channel.Waited, exchange.Owned);
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
}
