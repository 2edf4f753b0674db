using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Attacks;

/// <summary>Attacks where the least distance is known: none goes below it, and the good ones reach it.</summary>
public sealed class LinearAttackTests
{
    private const int Count = 8;

    public static TheoryData<string, AttackNorm, double> Reaching { get; } = new()
    {
        { "fgsm", AttackNorm.L2, 1.001 },
        { "fgsm", AttackNorm.Linf, 1.001 },
        { "pgd", AttackNorm.L2, 1.01 },
        { "pgd", AttackNorm.Linf, 1.01 },
        { "apgd-ce", AttackNorm.L2, 1.001 },
        { "apgd-ce", AttackNorm.Linf, 1.001 },
        { "fab-t", AttackNorm.L2, 1.02 },
        { "fab-t", AttackNorm.Linf, 1.02 },
        { "autoattack", AttackNorm.L2, 1.001 },
    };

    [Theory]
    [MemberData(nameof(Reaching))]
    public void Attack_TwoClasses_FoolsAboveTheLeastDistanceAndNotBelow(string name, AttackNorm norm, double above)
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(seed: 1, classes: 2);
        var samples = linear.Samples(Count);
        var distances = linear.Distances(samples, norm);

        for (var row = 0; row < Count; row++)
        {
            var sample = samples.Pick([row]);
            var effort = name == "pgd" ? new AttackEffort(60, 1) : name == "autoattack" ? new AttackEffort(20, 1) : null;
            Assert.True(Single(name, norm, distances[row] * above, linear, sample, effort).FooledBy is not null, $"{name} {norm}: sample {row} stands above its distance");
            Assert.True(Single(name, norm, distances[row] * 0.999, linear, sample, effort).IsRobust, $"{name} {norm}: sample {row} falls below its distance");
        }
    }

    [Theory]
    [InlineData("apgd-t")]
    [InlineData("fab-t")]
    [InlineData("autoattack")]
    public void Attack_ManyClasses_FoolsAboveTheLeastDistanceAndNotBelow(string name)
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(seed: 2, classes: 6);
        var samples = linear.Samples(Count);
        var distances = linear.Distances(samples, AttackNorm.L2);

        for (var row = 0; row < Count; row++)
        {
            var sample = samples.Pick([row]);
            var effort = new AttackEffort(30, 1);
            Assert.True(Single(name, AttackNorm.L2, distances[row] * 1.03, linear, sample, effort).FooledBy is not null, $"{name}: sample {row}");
            Assert.True(Single(name, AttackNorm.L2, distances[row] * 0.999, linear, sample, effort).IsRobust, $"{name}: sample {row}");
        }
    }

    [Theory]
    [InlineData(AttackNorm.L2)]
    [InlineData(AttackNorm.Linf)]
    public void FastAdaptiveBoundary_WalksToTheEnd_FindsTheLeastDistance(AttackNorm norm)
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(seed: 3, classes: 2);
        var samples = linear.Samples(Count);
        var attack = new FastAdaptiveBoundary(new NormBall(norm, 1e3, PixelRange.Any), targets: 1) { StopsInBall = false };

        var outcome = attack.Run(linear.Classifier, samples);

        var sizes = PerSample.Sizes(outcome.Images - samples.Images, norm);
        Assert.All(sizes.Zip(linear.Distances(samples, norm)), pair => Assert.InRange(pair.First / pair.Second, 1, 1.02));
    }

    [Theory]
    [InlineData(AttackNorm.L2)]
    [InlineData(AttackNorm.Linf)]
    public void Square_LinearClassifier_StaysInTheBallAndFoolsWellAboveTheLeastDistance(AttackNorm norm)
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(seed: 4, classes: 3, channels: 1, side: 7);
        var samples = linear.Samples(Count);
        var distances = linear.Distances(samples, norm);

        for (var row = 0; row < Count; row++)
        {
            var result = Single("square", norm, 3 * distances[row], linear, samples.Pick([row]), new AttackEffort(Steps: 600, 1));
            Assert.Equal("square", result.FooledBy);
            Assert.InRange(norm == AttackNorm.L2 ? result.L2 : result.Linf, distances[row], 3 * distances[row] * (1 + 1e-5));
        }
    }

    [Fact]
    public void Attacks_PixelsHaveARange_StayInIt()
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(seed: 5, classes: 5);
        var samples = linear.Samples(Count, ScalarType.Float32);
        foreach (var norm in Enum.GetValues<AttackNorm>())
        {
            foreach (var attack in AttackPlan.Names.Where(name => name != "pgd-authors").SelectMany(name => AttackPlan.Of(name, new NormBall(norm, 0.5, PixelRange.Unit), 5, new AttackEffort(10, 2))))
            {
                var outcome = attack.Run(linear.Classifier, samples);

                Assert.InRange(outcome.Images.min().ReadDouble(), 0, 1);
                Assert.InRange(outcome.Images.max().ReadDouble(), 0, 1);
                Assert.All(PerSample.Sizes(outcome.Images - samples.Images, norm), size => Assert.InRange(size, 0, 0.5 * (1 + 1e-5)));
            }
        }
    }

    [Fact]
    public void Authors_ThreeSteps_GoThreeTenthsOfTheRadiusAndOutOfTheRange()
    {
        using var one = new OneThread();
        var linear = new LinearClassifier(seed: 6, classes: 2);
        var samples = linear.Samples(Count);
        var from = new ProjectedGradient(new NormBall(AttackNorm.L2, 50, PixelRange.Any), ProjectedGradientOptions.Authors(50, steps: 0));
        var to = new ProjectedGradient(new NormBall(AttackNorm.L2, 50, PixelRange.Any), ProjectedGradientOptions.Authors(50, steps: 3));

        var (start, end) = (from.Run(linear.Classifier, samples), to.Run(linear.Classifier, samples));

        var both = Enumerable.Range(0, Count).Where(row => start.IsFooled[row] && end.IsFooled[row]).ToArray();
        Assert.NotEmpty(both);
        Assert.All(PerSample.Sizes(PerSample.Rows(end.Images - start.Images, both), AttackNorm.L2), size => Assert.InRange(size, 0, 15.0001));
        Assert.True(end.Images.min().ReadDouble() < 0);
    }

    private static SampleAttack Single(string name, AttackNorm norm, double radius, LinearClassifier linear, AttackSamples samples, AttackEffort? effort = null) =>
        new AttackMeasurement(1, name, new NormBall(norm, radius, PixelRange.Any), Seed: 3, effort).Measure(linear.Classifier, samples, (int)linear.Weights.shape[0])[0];
}
