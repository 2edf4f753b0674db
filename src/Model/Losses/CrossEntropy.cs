using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Losses;

/// <summary>The cross-entropy of one shard's logits as a share of the mean over the global batch, with its slopes written out.</summary>
/// <param name="labels_B">int64; they stay the caller's.</param>
/// <param name="globalBatchCount">Samples of the whole step.</param>
internal sealed class CrossEntropy(Tensor labels_B, int globalBatchCount) : IDisposable
{
    private Tensor? _probabilities_BK;
    private Tensor? _slope_BK;
    private Tensor? _figures; // cross-entropy, samples classified rightly
    private Tensor? _gradientNorm;

    /// <summary>Takes the logits; returns the slope by them, (softmax - onehot) / B, the caller's.</summary>
    public Tensor Begin(Tensor logits_BK)
    {
        var crossEntropy = functional.cross_entropy(logits_BK, labels_B, reduction: Reduction.Sum).DividedBy(globalBatchCount);
        var correct = logits_BK.argmax(1).eq(labels_B).sum();
        _figures = stack([crossEntropy.to(ScalarType.Float64), correct.to(ScalarType.Float64)]).DetachFromDisposeScope();
        _probabilities_BK = functional.softmax(logits_BK, 1).DetachFromDisposeScope();
        _slope_BK = (_probabilities_BK - functional.one_hot(labels_B, logits_BK.shape[1])).DividedBy(globalBatchCount).DetachFromDisposeScope();
        return _slope_BK.detach();
    }

    /// <summary>Adds the gradient-norm term to what is told, shape [].</summary>
    public void Add(Tensor gradientNorm) => _gradientNorm = gradientNorm.DetachFromDisposeScope();

    /// <summary>The slope of everything by the logits: the plain one and what the adjoint pass gives to them through the softmax, p (h - p'h) / B.</summary>
    /// <param name="adjoint_BK">h: where the adjoint pass came to.</param>
    public Tensor TotalSlope(Tensor adjoint_BK) => _slope_BK!.Plus(Curved(adjoint_BK));

    /// <summary>The second derivative by the logits times a direction, p (h - p'h) / B.</summary>
    public Tensor Curved(Tensor direction_BK) =>
        (_probabilities_BK! * (direction_BK - (_probabilities_BK! * direction_BK).sum([1L], keepdim: true))).DividedBy(globalBatchCount);

    /// <summary>What is reported: the cross-entropy, how many samples are classified rightly, and the gradient-norm term, 0 without one.</summary>
    public (double Value, int Correct, double GradientNorm) Read()
    {
        var figures = (_gradientNorm is null ? _figures! : cat([_figures!, _gradientNorm.to(ScalarType.Float64).view(1)])).ReadDoubles();
        return (figures[0], (int)figures[1], figures.Length > 2 ? figures[2] : 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _probabilities_BK?.Dispose();
        _slope_BK?.Dispose();
        _figures?.Dispose();
        _gradientNorm?.Dispose();
    }
}
