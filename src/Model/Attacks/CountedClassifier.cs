using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>A classifier that tells of every pass: for progress, and so that whoever waits can end it there.</summary>
/// <param name="advanced">Told the work of a pass, after it; what it throws ends the attack.</param>
internal sealed class CountedClassifier(Classifier inner, Action<double> advanced) : Classifier
{
    /// <inheritdoc/>
    public override Tensor Logits(Tensor x_BCHW)
    {
        var logits_BK = inner.Logits(x_BCHW);
        advanced(x_BCHW.shape[0]);
        return logits_BK;
    }

    /// <inheritdoc/>
    public override LossSlope Differentiate(Tensor x_BCHW, AttackLoss loss)
    {
        var slope = inner.Differentiate(x_BCHW, loss);
        advanced(WorkOfGradient * x_BCHW.shape[0]);
        return slope;
    }
}
