using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Scores the network on the test set, every rank its share of fixed batches.</summary>
internal sealed class EvaluationPhase(WorkerReplica replica, RankChannel channel, ReportPump reports, ComputeThreads threads, TimeProvider clock)
{
    private const int AveragePart = 2; // 1 is the curvature's

    /// <summary>What is found; null on ranks that do not lead.</summary>
    /// <exception cref="TrainingFailure">The weights, or at the end of the run the loss, are not finite, which no later step would tell.</exception>
    public EvaluatedNetwork? Evaluate(long step)
    {
        channel.Activity.Enter("evaluate", step);
        var own = Evaluate(step, part: 0, TrainingFailure.At(step, replica.Owned.Evaluate));
        var average = replica.AveragesWeights ? Evaluate(step, AveragePart, replica.Owned.EvaluateAverage()) : null;
        if (own is null)
        {
            return null;
        }

        if (step == replica.TotalSteps && !double.IsFinite(own.Score.Loss))
        {
            throw new TrainingFailure($"step {step}: the loss on the test set is {own.Score.Loss}; lower --lr or the loss weights");
        }

        return own with { Average = average?.Score };
    }

    private EvaluatedNetwork? Evaluate(long step, int part, IReadOnlyList<KeyValuePair<int, PreparedLayer>> owned)
    {
        var key = new ParcelKey(ParcelKind.Evaluation, step, part);
        LayerExchange.Share(channel, key, owned);
        var (layers, _) = LayerExchange.Collect(channel, key, replica.Network.Layers.Count, replica.Device);
        try
        {
            var test = replica.Test;
            var batches = ShardPlan.ShardsOf(channel.Rank, channel.WorldSize, Evaluator.Batches(test.Count));
            Action? advanced = channel.Leads ? Progress(step, test.Count, batches.GetOffsetAndLength(Evaluator.Batches(test.Count)).Length).Advance : null;
            var scores = new ParcelKey(ParcelKind.Scores, step, part);
            channel.Send(0, scores, new ScoresParcel(Evaluator.Score(replica.Network, layers, test, batches, threads, advanced)));
            if (!channel.Leads)
            {
                return null;
            }

            // In batch order: ranks have contiguous ranges.
            var score = channel.Gather<ScoresParcel>(scores).SelectMany(parcel => parcel.Batches).Aggregate(BatchScore.Add);
            return new EvaluatedNetwork(score, NetworkSharpness.Of(replica.Network, layers), LiveEstimate.Of(replica.Network, layers));
        }
        finally
        {
            foreach (var layer in layers)
            {
                layer.Dispose();
            }
        }
    }

    private PhaseProgress Progress(long step, int samples, int ownBatches)
    {
        var progress = new PhaseProgress(clock, done => reports.PostOnce((coordinator, generation) => coordinator.ReportEvaluationAsync(
            generation, new EvaluationProgressed { Step = step, Samples = done, TotalSamples = samples }, CancellationToken.None)));
        progress.Begin(0, samples, ownBatches);
        return progress;
    }
}
