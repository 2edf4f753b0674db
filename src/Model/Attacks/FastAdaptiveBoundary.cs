using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Walks along a decision boundary towards the clean image (Croce and Hein 2020: FAB), for one target class after the other.</summary>
/// <remarks>Numbers of autoattack a392200: alpha_max 0.1, eta 1.05, beta 0.9, 100 steps, the first start at the clean image.</remarks>
/// <param name="ball">What counts as fooled; the walk itself looks for the smallest change there is.</param>
/// <param name="targets">Classes with the next largest logits.</param>
internal sealed class FastAdaptiveBoundary(NormBall ball, int steps = 100, int restarts = 1, int targets = 9) : Attack
{
    private const double LargestPull = 0.1; // alpha_max
    private const double Overshoot = 1.05; // eta
    private const double StepBack = 0.9; // beta

    /// <inheritdoc/>
    public override string Name => "fab-t";

    /// <inheritdoc/>
    public override double MostWork => (Classifier.WorkOfGradient + 1) * steps * restarts * targets;

    /// <summary>Whether a sample is done as soon as an image within the ball is found; else the walk goes on to nearer ones.</summary>
    public bool StopsInBall { get; init; } = true;

    /// <inheritdoc/>
    public override AttackOutcome Run(Classifier classifier, AttackSamples samples) => SurvivorSearch.Run(
        samples, targets, restarts, (survivors, target, restart) => RunOnce(classifier, survivors, target, restart));

    private AttackOutcome RunOnce(Classifier classifier, AttackSamples all, int target, int restart)
    {
        var targets_B = AttackLosses.Ranking(classifier.Logits(all.Images)).select(1, target + 1);
        var (x, rows) = (Start(all, target, restart), Enumerable.Range(0, all.Count).ToArray());
        var (nearest, distances) = (new Tensor?[all.Count], Enumerable.Repeat(double.PositiveInfinity, all.Count).ToArray());
        for (var step = 0; step < steps && rows.Length > 0; step++)
        {
            using var scope = NewDisposeScope();
            var samples = rows.Length == all.Count ? all : all.Pick(rows);
            var slope = classifier.Differentiate(x, AttackLosses.Difference(samples.Labels, PerSample.Rows(targets_B, rows)));
            var moved = Move(x, samples.Images, slope);
            var isFooled = PerSample.IsFooled(classifier.Logits(moved), samples.Labels);
            Note(nearest, distances, rows, moved, isFooled, PerSample.Size(moved - samples.Images, ball.Norm));
            var next = PerSample.Choose(isFooled, samples.Images.PlusScaled(moved - samples.Images, StepBack), moved);
            var left = Enumerable.Range(0, rows.Length).Where(i => !StopsInBall || distances[rows[i]] > ball.Radius).ToArray();
            var before = x;
            x = (left.Length == rows.Length ? next : PerSample.Rows(next, left)).MoveToOuterDisposeScope();
            rows = Array.ConvertAll(left, i => rows[i]);
            before.Dispose();
        }

        return new AttackOutcome(
            cat([.. nearest.Select((image, row) => image ?? all.Images.narrow(0, row, 1))], 0),
            [.. distances.Select(distance => distance <= ball.Radius)],
            new bool[all.Count]);
    }

    private static void Note(Tensor?[] nearest, double[] distances, int[] rows, Tensor moved, Tensor isFooled, Tensor sizes)
    {
        var (fooled, size) = (PerSample.Read(isFooled), sizes.ReadDoubles());
        for (var i = 0; i < rows.Length; i++)
        {
            if (fooled[i] && size[i] < distances[rows[i]])
            {
                nearest[rows[i]]?.Dispose();
                (nearest[rows[i]], distances[rows[i]]) = (moved.narrow(0, i, 1).clone().MoveToOuterDisposeScope(), size[i]);
            }
        }
    }

    // Onto the boundary's tangent, a little of the way seen from the clean image.
    private Tensor Move(Tensor x, Tensor clean, LossSlope slope)
    {
        var (points, start, normals) = (x.flatten(1), clean.flatten(1), slope.Gradient.flatten(1));
        var offsets = (normals * points).sum([1L]) - slope.Loss;
        var fromHere = HyperplaneProjection.Change(points, normals, offsets, ball).view(x.shape);
        var fromClean = HyperplaneProjection.Change(start, normals, offsets, ball).view(x.shape);
        var (here, there) = (PerSample.Size(fromHere, ball.Norm).AtLeast(1e-8), PerSample.Size(fromClean, ball.Norm).AtLeast(1e-8));
        var pull = (here / here.Plus(there)).AtMost(LargestPull);
        var (one, two) = (x.PlusScaled(fromHere, Overshoot), clean.PlusScaled(fromClean, Overshoot));
        return ball.Range.Clip(one.Plus((two - one) * pull));
    }

    private Tensor Start(AttackSamples samples, int target, int restart)
    {
        if (restart == 0)
        {
            return samples.Images.clone();
        }

        var drawn = samples.Draw(
            new AttackStream(AttackKind.FastAdaptiveBoundary, restart, target),
            ball.Norm == AttackNorm.L2 ? (ref RandomSource draws) => draws.NextNormal() : (ref RandomSource draws) => (2 * draws.NextDouble()) - 1);
        return ball.Range.Clip(samples.Images.PlusScaled(ball.ToUnit(drawn), ball.Radius / 2));
    }
}
