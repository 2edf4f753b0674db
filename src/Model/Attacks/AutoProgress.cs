using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Where the samples of an <see cref="AutoProjectedGradient"/> stand.</summary>
/// <param name="X">Images.</param>
/// <param name="Previous">The step before.</param>
/// <param name="Gradient">Of the loss at <paramref name="X"/>.</param>
/// <param name="Best">Images of the largest loss so far.</param>
/// <param name="BestGradient">There.</param>
/// <param name="BestLoss">Shape [B].</param>
/// <param name="Step">Length of the next step, shape [B].</param>
/// <param name="Rises">Steps since the last checkpoint that made the loss larger, shape [B].</param>
/// <param name="LastLoss">Of the step before, shape [B].</param>
/// <param name="LossAtCheckpoint">The best loss at the last checkpoint, shape [B].</param>
/// <param name="WasHalved">Whether the step was halved there, shape [B].</param>
internal sealed record AutoProgress(
    Tensor X, Tensor Previous, Tensor Gradient, Tensor Best, Tensor BestGradient, Tensor BestLoss,
    Tensor Step, Tensor Rises, Tensor LastLoss, Tensor LossAtCheckpoint, Tensor WasHalved)
{
    private const double LeastRises = 0.75; // rho: of the steps since the last checkpoint

    /// <summary>At the start.</summary>
    public static AutoProgress At(Tensor x, LossSlope slope, double step) => new(
        x, x, slope.Gradient, x, slope.Gradient, slope.Loss, ones_like(slope.Loss).Times(step),
        zeros_like(slope.Loss), zeros_like(slope.Loss), slope.Loss, ones_like(slope.Loss).to(ScalarType.Bool));

    /// <summary>After a step to some images.</summary>
    public AutoProgress After(Tensor x, LossSlope slope)
    {
        var isBest = slope.Loss.gt(BestLoss);
        return this with
        {
            X = x,
            Previous = X,
            Gradient = slope.Gradient,
            Best = PerSample.Choose(isBest, x, Best),
            BestGradient = PerSample.Choose(isBest, slope.Gradient, BestGradient),
            BestLoss = where(isBest, slope.Loss, BestLoss),
            Rises = Rises.Plus(slope.Loss.gt(LastLoss).to(Rises.dtype)),
            LastLoss = slope.Loss,
        };
    }

    /// <summary>Halves the steps of those that swing or stand still, and sends them back to their best.</summary>
    /// <param name="steps">Since the last checkpoint.</param>
    public AutoProgress Check(int steps)
    {
        var swings = Rises.IsAbove(LeastRises * steps).logical_not();
        var stands = WasHalved.logical_not().logical_and(LossAtCheckpoint.ge(BestLoss));
        var isHalved = swings.logical_or(stands);
        return this with
        {
            X = PerSample.Choose(isHalved, Best, X),
            Gradient = PerSample.Choose(isHalved, BestGradient, Gradient),
            Step = where(isHalved, Step.Times(0.5), Step),
            Rises = zeros_like(Rises),
            LossAtCheckpoint = BestLoss,
            WasHalved = isHalved,
        };
    }

    /// <summary>Of some of the samples.</summary>
    public AutoProgress Pick(IReadOnlyList<int> rows)
    {
        Tensor Of(Tensor t) => PerSample.Rows(t, rows);
        return new AutoProgress(
            Of(X), Of(Previous), Of(Gradient), Of(Best), Of(BestGradient), Of(BestLoss), Of(Step), Of(Rises), Of(LastLoss), Of(LossAtCheckpoint), Of(WasHalved));
    }

    /// <summary>The same in the next scope outward; what else the current one holds can go.</summary>
    public AutoProgress MoveOut()
    {
        // A tensor may stand in several places; an alias of its own for each moves it once.
        static Tensor Out(Tensor t) => t.detach().MoveToOuterDisposeScope();
        return new AutoProgress(
            Out(X), Out(Previous), Out(Gradient), Out(Best), Out(BestGradient), Out(BestLoss), Out(Step), Out(Rises), Out(LastLoss), Out(LossAtCheckpoint), Out(WasHalved));
    }

    /// <summary>Frees all.</summary>
    public void Free()
    {
        foreach (var t in new[] { X, Previous, Gradient, Best, BestGradient, BestLoss, Step, Rises, LastLoss, LossAtCheckpoint, WasHalved })
        {
            t.Dispose();
        }
    }
}
