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

    /// <summary>What the network says of every sample, whatever its label.</summary>
    public static Prediction[] Predict(Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, ComputeThreads threads, Action? advanced = null)
    {
        var predictions = new Prediction[data.Count];
        threads.Run(Batches(data.Count), batch =>
        {
            LibtorchException.In("the prediction", () => Predict(network, layers, data, batch)).CopyTo(predictions, batch * BatchCount);
            advanced?.Invoke();
        });
        return predictions;
    }

    private static Prediction[] Predict(Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, int batch)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var samples = SampleBatch.Gather(data, IndicesOf(data, batch), layers[0].Device);
        using var parameters = new EffectiveParameters(layers, Normalization.Running);
        using var logits_BK = network.Forward(samples.Images, parameters);
        var (outputs, shares) = (logits_BK.argmax(1), nn.functional.softmax(logits_BK.to(ScalarType.Float64), 1).amax([1L]).ReadDoubles());
        return [.. outputs.to(ScalarType.Float64).ReadDoubles().Select((output, i) => new Prediction((int)output, shares[i]))];
    }

    private static int[] IndicesOf(ILabelledImages data, int batch) =>
        [.. Enumerable.Range(batch * BatchCount, Math.Min(BatchCount, data.Count - (batch * BatchCount)))];

    private static BatchScore Score(Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, int batch)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using var samples = SampleBatch.Gather(data, IndicesOf(data, batch), layers[0].Device);
        using var parameters = new EffectiveParameters(layers, Normalization.Running);
        using var logits_BK = network.Forward(samples.Images, parameters);
        var loss = nn.functional.cross_entropy(logits_BK, samples.Labels, reduction: nn.Reduction.Sum);
        var correct = logits_BK.argmax(1).eq(samples.Labels).sum();
        return new BatchScore(loss.ReadDouble(), (int)correct.ReadInt64(), samples.Count);
    }
}
