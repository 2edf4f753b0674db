using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Evaluation;

/// <summary>Scores a network on a test set in batches of a fixed size, so that the sums do not depend on who computes which.</summary>
public static class Evaluator
{
    private const int BatchCount = 64;

    /// <summary>Batches that a set of samples is cut into.</summary>
    public static int Batches(int samples) => (samples + BatchCount - 1) / BatchCount;

    /// <summary>Scores some batches.</summary>
    /// <param name="layers">Evaluation parameters of every layer.</param>
    /// <param name="advanced">Called after every batch, on the thread that scored it.</param>
    /// <returns>One score a batch, in order.</returns>
    public static BatchScore[] Score(Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, Range batches, ComputeThreads threads, Action? advanced = null)
    {
        var (first, count) = batches.GetOffsetAndLength(Batches(data.Count));
        var scores = new BatchScore[count];
        threads.Run(count, i =>
        {
            scores[i] = LibtorchException.In("the evaluation", () => Score(network, layers, data, first + i));
            advanced?.Invoke();
        });
        return scores;
    }

    private static BatchScore Score(Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, int batch)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var start = batch * BatchCount;
        var indices = Enumerable.Range(start, Math.Min(BatchCount, data.Count - start)).ToArray();
        using var samples = SampleBatch.Gather(data, indices, layers[0].Device);
        using var parameters = new EffectiveParameters(layers, Normalization.Running);
        using var logits_BK = network.Forward(samples.Images, parameters);
        var loss = nn.functional.cross_entropy(logits_BK, samples.Labels, reduction: nn.Reduction.Sum);
        var correct = logits_BK.argmax(1).eq(samples.Labels).sum();
        return new BatchScore(loss.ReadDouble(), (int)correct.ReadInt64(), samples.Count);
    }
}
