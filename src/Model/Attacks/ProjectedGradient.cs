using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Steps along the gradient of the cross-entropy, each projected back onto the ball (Madry et al. 2018: PGD).</summary>
internal sealed class ProjectedGradient(NormBall ball, ProjectedGradientOptions options) : Attack
{
    /// <inheritdoc/>
    public override string Name => ball.Norm == AttackNorm.L2 ? "pgd-l2" : "pgd-linf";

    /// <inheritdoc/>
    public override double MostWork => ((Classifier.WorkOfGradient * options.Steps) + 1) * (options.Start == AttackStart.Clean ? 1 : options.Restarts);

    /// <inheritdoc/>
    public override AttackOutcome Run(Classifier classifier, AttackSamples samples) => SurvivorSearch.Run(
        samples, targets: 1, options.Start == AttackStart.Clean ? 1 : options.Restarts, (survivors, _, restart) => RunOnce(classifier, survivors, restart));

    private AttackOutcome RunOnce(Classifier classifier, AttackSamples samples, int restart)
    {
        var x = Start(samples, restart);
        var found = samples.Images.clone();
        var isFound = zeros_like(samples.Labels).to(ScalarType.Bool);
        var hadNone = isFound;
        for (var step = 0; step < options.Steps; step++)
        {
            using var scope = NewDisposeScope();
            var slope = classifier.Differentiate(x, AttackLosses.CrossEntropy(samples.Labels));
            if (!options.TakesLastStep)
            {
                (found, isFound) = Note(found, isFound, x, slope.Logits, samples);
            }

            hadNone = hadNone.logical_or(PerSample.IsNothing(slope.Gradient)).MoveToOuterDisposeScope();
            x = ball.Project(x.PlusScaled(ball.Direction(slope.Gradient), options.StepSize), samples.Images).MoveToOuterDisposeScope();
        }

        (found, isFound) = Note(found, isFound, x, classifier.Logits(x), samples);
        return new AttackOutcome(found, PerSample.Read(isFound), PerSample.Read(hadNone));
    }

    // The first image that fools stays.
    private static (Tensor Found, Tensor IsFound) Note(Tensor found, Tensor isFound, Tensor x, Tensor logits, AttackSamples samples)
    {
        var isNew = PerSample.IsFooled(logits, samples.Labels).logical_and(isFound.logical_not());
        return (PerSample.Choose(isNew, x, found).MoveToOuterDisposeScope(), isFound.logical_or(isNew).MoveToOuterDisposeScope());
    }

    private Tensor Start(AttackSamples samples, int restart)
    {
        var stream = new AttackStream(AttackKind.ProjectedGradient, restart);
        switch (options.Start)
        {
            case AttackStart.Clean:
                return samples.Images.clone();
            case AttackStart.Ball when ball.Norm == AttackNorm.L2:
                var direction = ball.ToUnit(samples.Draw(stream, (ref RandomSource draws) => draws.NextNormal()));
                var distances = Enumerable.Range(0, samples.Count)
                    .Select(row => (float)samples.Draws(row, stream with { Target = 1 }).NextDouble()).ToArray();
                var shift = direction * tensor(distances).to(direction.dtype).to(direction.device).view(-1, 1, 1, 1);
                return ball.Project(samples.Images.PlusScaled(shift, ball.Radius), samples.Images);
            default:
                var cube = samples.Draw(stream, (ref RandomSource draws) => (2 * draws.NextDouble()) - 1);
                return ball.Project(samples.Images.PlusScaled(cube, ball.Radius), samples.Images);
        }
    }
}
