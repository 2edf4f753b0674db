using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Projected gradient with momentum whose step halves by itself where it makes no headway (Croce and Hein 2020: APGD), on the cross-entropy or, class by class, on the targeted difference of logits ratio.</summary>
/// <remarks>
/// Numbers of autoattack a392200: a start on the ball's sphere, a first step of twice the radius, momentum 0.75, checkpoints at 22 % of the steps, then
/// at distances that shrink by 3 % each down to 6 %.
/// </remarks>
/// <param name="steps">A restart.</param>
/// <param name="restarts">Starts, of each target.</param>
/// <param name="targets">Classes with the next largest logits that are gone for one after the other; 0 for the cross-entropy.</param>
internal sealed class AutoProjectedGradient(NormBall ball, int steps = 100, int restarts = 1, int targets = 0) : Attack
{
    private const double Momentum = 0.75;

    /// <inheritdoc/>
    public override string Name => targets == 0 ? "apgd-ce" : "apgd-t";

    /// <inheritdoc/>
    public override double MostWork => Classifier.WorkOfGradient * (steps + 1) * restarts * Math.Max(targets, 1);

    /// <summary>Gives starts instead of random ones, as unit perturbations; for comparisons with other implementations.</summary>
    public Func<AttackSamples, Tensor>? Starts { get; init; }

    /// <inheritdoc/>
    public override AttackOutcome Run(Classifier classifier, AttackSamples samples) => SurvivorSearch.Run(
        samples, Math.Max(targets, 1), restarts, (survivors, target, restart) => RunOnce(classifier, survivors, target, restart));

    private AttackOutcome RunOnce(Classifier classifier, AttackSamples all, int target, int restart)
    {
        var (samples, rows) = (all, Enumerable.Range(0, all.Count).ToArray());
        var (found, hadNoGradient) = (new Tensor?[all.Count], new bool[all.Count]);
        var lossOf = Losses(classifier, all, target);
        var x = ball.Project(all.Images.PlusScaled(ball.ToUnit(Start(all, target, restart)), ball.Radius), all.Images);
        var slope = classifier.Differentiate(x, lossOf(rows));
        if (targets > 0)
        {
            hadNoGradient = PerSample.Read(PerSample.IsNothing(slope.Gradient));
        }

        var progress = AutoProgress.At(x, slope, 2 * ball.Radius).MoveOut();
        Note(found, rows, x, slope, samples);
        var (distance, sinceCheck) = (Math.Max((int)(0.22 * steps), 1), 0);
        for (var step = 0; step < steps && found.Any(image => image is null); step++)
        {
            using var scope = NewDisposeScope();
            var before = progress;
            var next = Move(progress, samples.Images, step == 0 ? 1 : Momentum);
            slope = classifier.Differentiate(next, lossOf(rows));
            Note(found, rows, next, slope, samples);
            progress = progress.After(next, slope);
            if (++sinceCheck == distance)
            {
                progress = progress.Check(distance);
                (distance, sinceCheck) = (Math.Max(distance - Math.Max((int)(0.03 * steps), 1), Math.Max((int)(0.06 * steps), 1)), 0);
            }

            (progress, samples, rows) = WithoutFound(progress, samples, rows, found, all);
            progress = progress.MoveOut();
            before.Free();
        }

        return new AttackOutcome(
            cat([.. found.Select((image, row) => image ?? all.Images.narrow(0, row, 1))], 0), [.. found.Select(image => image is not null)], hadNoGradient);
    }

    // Half of the momentum's way from the step before, half along the gradient.
    private Tensor Move(AutoProgress progress, Tensor clean, double share)
    {
        var along = ball.Project(progress.X.Plus(progress.Step.view(-1, 1, 1, 1) * ball.Direction(progress.Gradient)), clean);
        var mixed = progress.X.PlusScaled(along - progress.X, share);
        return ball.Project(share == 1 ? mixed : mixed.PlusScaled(progress.X - progress.Previous, 1 - share), clean);
    }

    private Func<int[], AttackLoss> Losses(Classifier classifier, AttackSamples all, int target)
    {
        if (targets == 0)
        {
            return rows => AttackLosses.CrossEntropy(PerSample.Rows(all.Labels, rows));
        }

        // The sample is classified rightly: the first of the ranking is its label.
        var targets_B = AttackLosses.Ranking(classifier.Logits(all.Images)).select(1, target + 1);
        return rows => AttackLosses.TargetedRatio(PerSample.Rows(all.Labels, rows), PerSample.Rows(targets_B, rows));
    }

    private Tensor Start(AttackSamples samples, int target, int restart)
    {
        var kind = targets == 0 ? AttackKind.AutoProjectedGradient : AttackKind.TargetedAutoProjectedGradient;
        return Starts?.Invoke(samples) ?? samples.Draw(
            new AttackStream(kind, restart, target),
            ball.Norm == AttackNorm.L2 ? (ref RandomSource draws) => draws.NextNormal() : (ref RandomSource draws) => (2 * draws.NextDouble()) - 1);
    }

    private static void Note(Tensor?[] found, int[] rows, Tensor x, LossSlope slope, AttackSamples samples)
    {
        var isFooled = PerSample.Read(PerSample.IsFooled(slope.Logits, samples.Labels));
        for (var i = 0; i < rows.Length; i++)
        {
            if (isFooled[i])
            {
                found[rows[i]] ??= x.narrow(0, i, 1).clone().MoveToOuterDisposeScope();
            }
        }
    }

    // Drops those that are found, in few and large portions.
    private static (AutoProgress, AttackSamples, int[]) WithoutFound(AutoProgress progress, AttackSamples samples, int[] rows, Tensor?[] found, AttackSamples all)
    {
        var left = Enumerable.Range(0, rows.Length).Where(i => found[rows[i]] is null).ToArray();
        if (left.Length == 0 || left.Length > 0.75 * rows.Length)
        {
            return (progress, samples, rows);
        }

        var remaining = Array.ConvertAll(left, i => rows[i]);
        var picked = all.Pick(remaining);
        picked.Images.MoveToOuterDisposeScope();
        picked.Labels.MoveToOuterDisposeScope();
        return (progress.Pick(left), picked, remaining);
    }
}
