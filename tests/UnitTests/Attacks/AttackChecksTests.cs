using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Attacks;

public sealed class AttackChecksTests
{
    private static readonly NormBall _ball = new(AttackNorm.L2, 0.5, PixelRange.Unit);

    [Fact]
    public void OfClassifier_LogitsOfANetwork_HasNoFlag()
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(1, classes: 10);

        Assert.Empty(AttackChecks.OfClassifier(linear.Classifier, linear.Samples(4).Images));
        Assert.Empty(AttackChecks.OfClasses(10));
    }

    [Fact]
    public void OfClassifier_RandomAnswersOrProbabilities_AreNamed()
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(1, classes: 10);
        var images = linear.Samples(4).Images;
        var noise = new FunctionClassifier(x => linear.Classifier.Logits(x).Plus(randn([x.shape[0], 10L], dtype: x.dtype)));
        var shares = new FunctionClassifier(x => linear.Classifier.Logits(x).softmax(1));

        Assert.Contains("at random", Assert.Single(AttackChecks.OfClassifier(noise, images)), StringComparison.Ordinal);
        Assert.Contains("probabilities", Assert.Single(AttackChecks.OfClassifier(shares, images)), StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_FewerThanFourClasses_LeavesTheRatioOut()
    {
        Assert.Equal(["apgd-ce", "apgd-t", "fab-t", "square"], AutoAttack.Standard(_ball, 10).Select(attack => attack.Name));
        Assert.Equal(["apgd-ce", "fab-t", "square"], AutoAttack.Standard(_ball, 3).Select(attack => attack.Name));
        Assert.Contains("apgd-t was left out", Assert.Single(AttackChecks.OfClasses(3)), StringComparison.Ordinal);
        Assert.Contains("4 classes or more", Assert.Throws<ArgumentException>(() => AttackPlan.Of("apgd-t", _ball, 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_UnknownName_SaysWhichThereAre() =>
        Assert.Contains("expected one of fgsm", Assert.Throws<ArgumentException>(() => AttackPlan.Of("cw", _ball, 10)).Message, StringComparison.Ordinal);

    [Fact]
    public void Measure_ClassifierThatHidesItsGradients_FallsToSquareAndIsFlagged()
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(1, classes: 4, channels: 1, side: 8);
        // Steps: no slope anywhere, yet the classes are those of a linear classifier.
        var masked = new FunctionClassifier(x => (linear.Classifier.Logits(x.detach()).Times(64).round().Times(1.0 / 64)).Plus(x.flatten(1).sum([1L], keepdim: true).Times(0)));
        var samples = linear.Samples(10, ScalarType.Float32);
        var measurement = new AttackMeasurement(10, "autoattack", _ball with { Radius = 2 }, Seed: 1);

        var results = measurement.Measure(masked, samples, 4);

        var accuracy = RobustAccuracy.Of(results, ["apgd-ce", "apgd-t", "fab-t", "square"]);
        Assert.True(accuracy.Robust < accuracy.After[2].Value, $"{accuracy}");
        var flags = AttackChecks.OfOutcome(results, accuracy);
        Assert.Contains(flags, flag => flag.Contains("gradients of zero", StringComparison.Ordinal));
        Assert.Contains(flags, flag => flag.Contains("masked", StringComparison.Ordinal));
    }

    [Fact]
    public void RobustAccuracy_SamplesThatFell_CountFromTheirAttackOn()
    {
        var samples = new[] { new SampleAttack(true, null, 0, 0, false), new SampleAttack(true, "apgd-ce", 1, 1, false), new SampleAttack(true, "square", 1, 1, false), new SampleAttack(false, null, 0, 0, false) };

        var accuracy = RobustAccuracy.Of(samples, ["apgd-ce", "square"]);

        Assert.Equal((0.75, 0.25), (accuracy.Clean, accuracy.Robust));
        Assert.Equal([0.5, 0.25], accuracy.After.Select(after => after.Value));
    }
}
