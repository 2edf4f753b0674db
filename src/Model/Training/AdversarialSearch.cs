using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The way from the samples of a shard to adversarial examples, in training mode as in the reference (train_curvature.py:225 at 5b94577).</summary>
/// <remarks>Batch norms take the statistics of what they see and keep none.</remarks>
internal sealed class AdversarialSearch(TrainingAttack attack, SampleBatch samples, Func<Tape> newTape, PassRun run) : IDisposable
{
    private Tensor? _labels;

    /// <summary>Shape [B, C, H, W]; after <see cref="Passes"/>.</summary>
    public Tensor Examples { get; private set; } = null!;

    public IEnumerable<NormShare[]> Passes()
    {
        if (attack.AgainstPredictions)
        {
            using var tape = newTape();
            foreach (var halt in run(tape, Pass.Forward, samples.Images))
            {
                yield return halt;
            }

            _labels = Of(tape, logits => logits.argmax(1));
        }

        Examples = Of(() => attack.Start(samples.Images, samples.Draws));
        for (var step = 0; step < attack.Steps; step++)
        {
            using var tape = newTape();
            // Of a batch of one: only the direction of each sample's slope counts.
            using var loss = new CrossEntropy(_labels ?? samples.Labels, globalBatchCount: 1);
            foreach (var halt in run(tape, Pass.Forward, Examples))
            {
                yield return halt;
            }

            using var slope_BK = Of(tape, loss.Begin);
            foreach (var halt in run(tape, Pass.BackwardToInput, slope_BK))
            {
                yield return halt;
            }

            using var before = Examples;
            Examples = Of(tape, slope => attack.Step(before, samples.Images, slope));
        }
    }

    public void Dispose()
    {
        _labels?.Dispose();
        Examples?.Dispose();
    }

    private static Tensor Of(Func<Tensor> compute) => LibtorchException.In("the search for an adversarial example", () =>
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return compute().DetachFromDisposeScope();
    });

    // Of what the last pass came to.
    private static Tensor Of(Tape tape, Func<Tensor, Tensor> next) => Of(() =>
    {
        using var result = tape.TakeResult()!;
        return next(result);
    });
}
