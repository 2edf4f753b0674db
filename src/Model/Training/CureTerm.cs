using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>CURE's term 1e3 ||dL/dx (x) - dL/dx (x + z)||^2 / B with z = sign(dL/dx) / ||sign(dL/dx)|| for every sample (regularized_loss.py:67-100 at 5b94577).</summary>
/// <remarks>
/// z is a constant, as there. Batch norms take the statistics of the moved samples for these and keep none of them: running statistics are the
/// samples' own, where the reference takes up both.
/// </remarks>
internal sealed class CureTerm(Objective objective, int globalBatchCount, SampleBatch samples, Tensor images_BCHW, Func<Tape> newTape, PassRun run) : GradientTerm
{
    private const double LeastNorm = 1e-12; // a slope of zeros has no sign
    private static readonly long[] _pixels = [1, 2, 3];

    private Tape _tape = null!;
    private CrossEntropy _loss = null!;

    public override IEnumerable<NormShare[]> Passes(Tensor gradient_BCHW)
    {
        _tape = Keep(newTape());
        _loss = Keep(new CrossEntropy(samples.Labels, globalBatchCount));
        foreach (var halt in run(_tape, Pass.Forward, Of(() => Moved(gradient_BCHW))))
        {
            yield return halt;
        }

        foreach (var halt in run(_tape, Pass.BackwardToInput, Of(() => Next(_loss.Begin))))
        {
            yield return halt;
        }

        Square(Of(() => Next(moved => gradient_BCHW - moved)), Objective.CureFactor / globalBatchCount, objective.GradientNormWeight);
    }

    public override IEnumerable<NormShare[]> Backward(ParameterGradients gradients)
    {
        foreach (var halt in run(_tape, Pass.Adjoint, Of(() => Slope.neg())))
        {
            yield return halt;
        }

        foreach (var halt in run(_tape, Pass.Backward, Of(() => Next(_loss.Curved)), gradients))
        {
            yield return halt;
        }
    }

    private Tensor Moved(Tensor gradient_BCHW)
    {
        var signs = gradient_BCHW.sign();
        return TensorLayout.ForKernels(images_BCHW.Plus(signs / (signs * signs).sum(_pixels, keepdim: true).sqrt().AtLeast(LeastNorm)));
    }

    // Of what the last pass came to.
    private Tensor Next(Func<Tensor, Tensor> of)
    {
        using var result = _tape.TakeResult()!;
        return of(result);
    }
}
