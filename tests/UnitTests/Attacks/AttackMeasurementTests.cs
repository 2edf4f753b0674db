using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Certificates;
using Lcnn.Distributed.UnitTests.Golden;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Attacks;

public sealed class AttackMeasurementTests(ITestOutputHelper output)
{
    private const int Count = 16;

    private static readonly NormBall _ball = new(AttackNorm.L2, 0.6, PixelRange.Unit);

    [Fact]
    public void MeasureAll_AnyNumberOfThreadsAndOrder_GivesTheSameBits()
    {
        using var trained = new Trained();
        var measurement = new AttackMeasurement(60, "autoattack", _ball, Seed: 5, new AttackEffort(5, 1));

        IReadOnlyList<SampleAttack>[] results = [.. new[] { 1, 2, 3 }.Select(count =>
        {
            using var threads = new ComputeThreads(count, "attack");
            return measurement.MeasureAll(trained.Network, trained.Layers, trained.Images, null, threads);
        })];
        var backwards = Enumerable.Range(0, measurement.Batches).Reverse().Select(batch => measurement.Measure(trained.Network, trained.Layers, trained.Images, null, batch)).Reverse().SelectMany(batch => batch);

        Assert.Equal(60, results[0].Count);
        Assert.Contains(results[0], sample => sample.FooledBy is not null);
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
        Assert.Equal(results[0], backwards);
    }

    [Theory]
    [InlineData("pgd", AttackNorm.Linf)]
    [InlineData("apgd-ce", AttackNorm.L2)]
    [InlineData("apgd-t", AttackNorm.L2)]
    [InlineData("fab-t", AttackNorm.L2)]
    [InlineData("square", AttackNorm.Linf)]
    [InlineData("square", AttackNorm.L2)]
    public void Measure_SampleAloneOrAmongOthers_HasTheSameOutcome(string name, AttackNorm norm)
    {
        using var one = new OneThread();
        using var trained = new Trained();
        using var classifier = new NetworkClassifier(trained.Network, trained.Doubles);
        var samples = trained.Samples(10);
        var measurement = new AttackMeasurement(10, name, new NormBall(norm, norm == AttackNorm.L2 ? 0.6 : 0.05, PixelRange.Unit), Seed: 5, new AttackEffort(30, 2));

        var together = measurement.Measure(classifier, samples, SmallNetwork.Classes);

        for (var row = 0; row < samples.Count; row++)
        {
            var alone = measurement.Measure(classifier, samples.Pick([row]), SmallNetwork.Classes)[0];
            Assert.Equal(together[row].FooledBy, alone.FooledBy);
            Assert.Equal(together[row].L2, alone.L2, 1e-6);
        }
    }

    [Fact]
    public void RobustAccuracy_MoreRadiusStepsOrRestarts_IsNeverHigher()
    {
        using var one = new OneThread();
        using var trained = new Trained();
        using var classifier = new NetworkClassifier(trained.Network, trained.Layers);
        var samples = trained.Samples(40, ScalarType.Float32);
        int Robust(double radius, int steps, int restarts) => new AttackMeasurement(40, "pgd", _ball with { Radius = radius }, 5, new AttackEffort(steps, restarts))
            .Measure(classifier, samples, SmallNetwork.Classes).Count(sample => sample.IsRobust);

        int[] radii = [.. new[] { 0, 0.1, 0.2, 0.4, 0.8, 1.6, 5 }.Select(radius => Robust(radius, 10, 1))];
        int[] steps = [.. new[] { 1, 2, 4, 8, 16 }.Select(count => Robust(0.4, count, 1))];
        int[] restarts = [.. new[] { 1, 2, 4, 8 }.Select(count => Robust(0.4, 3, count))];

        Assert.All(new[] { radii, steps, restarts }, counts => Assert.Equal(counts.OrderDescending(), counts));
        Assert.True(radii[0] > 20 && radii[^1] == 0, $"robust by radius: {string.Join(", ", radii)}");
    }

    [Theory]
    [InlineData(AttackNorm.L2, 0.4)]
    [InlineData(AttackNorm.Linf, 0.03)]
    public void AutoAttack_EachMember_IsAtMostAsStrongAsTheEnsemble(AttackNorm norm, double radius)
    {
        using var one = new OneThread();
        using var trained = new Trained();
        using var classifier = new NetworkClassifier(trained.Network, trained.Layers);
        var samples = trained.Samples(Count, ScalarType.Float32);
        IReadOnlyList<SampleAttack> Run(string name) => new AttackMeasurement(Count, name, new NormBall(norm, radius, PixelRange.Unit), 5, new AttackEffort(name == "square" ? 250 : 5, 1))
            .Measure(classifier, samples, SmallNetwork.Classes);

        var ensemble = Run("autoattack");

        output.WriteLine($"{norm}: {ensemble.Count(sample => sample.IsRobust)} of {Count} stand; fell to {string.Join(", ", ensemble.GroupBy(sample => sample.FooledBy).Select(group => $"{group.Key ?? "none"} {group.Count()}"))}");
        foreach (var name in new[] { "fgsm", "pgd", "apgd-ce", "apgd-t", "fab-t", "square" })
        {
            var member = Run(name).Count(sample => sample.IsRobust);
            output.WriteLine($"{name}: {member}");
            Assert.True(ensemble.Count(sample => sample.IsRobust) <= member, name);
        }
    }

    [Fact]
    public void CertifiedRadius_EverySuccessfulAttack_IsNotNearer()
    {
        using var one = new OneThread();
        var (pairs, networks) = (0, TestTier.IsLong ? 600 : 12);
        var tightest = double.PositiveInfinity;
        for (var seed = 0; seed < networks; seed++)
        {
            using var scope = NewDisposeScope();
            using var random = new RandomNetwork(seed, isSmooth: seed % 4 > 0);
            using var classifier = new NetworkClassifier(random.Network, random.Layers);
            var x = random.Images(12);
            var samples = new AttackSamples(x, classifier.Logits(x).argmax(1), [.. Enumerable.Range(0, 12)], Seed: seed);
            var certified = CertificateMeasurement.Measure(random.Network, random.Layers, NetworkCertificate.Of(random.Network, random.Layers), x, samples.Labels);
            foreach (var (name, norm, radius) in new[] { ("fgsm", AttackNorm.L2, 2.0), ("pgd", AttackNorm.L2, 1), ("apgd-ce", AttackNorm.Linf, 0.3), ("fab-t", AttackNorm.L2, 20), ("square", AttackNorm.L2, 4) })
            {
                var attacked = new AttackMeasurement(12, name, new NormBall(norm, radius, PixelRange.Any), seed, new AttackEffort(25, 1)).Measure(classifier, samples, RandomNetwork.Classes);
                foreach (var (attack, certificate) in attacked.Zip(certified).Where(pair => pair.First.FooledBy is not null))
                {
                    Assert.True(certificate.Radius <= attack.L2, $"seed {seed}, {name}: certified {certificate.Radius}, fooled at {attack.L2}");
                    (pairs, tightest) = (pairs + 1, Math.Min(tightest, attack.L2 / certificate.Radius));
                }
            }
        }

        output.WriteLine($"{pairs} successful attacks; the nearest at {tightest:F3} times its certified radius");
        Assert.True(pairs > (TestTier.IsLong ? 10_000 : 200), $"{pairs} pairs");
    }

    [Fact]
    public void Certificates_AnyNumberOfThreads_AreTheSameBits()
    {
        using var trained = new Trained();
        var (measurement, certificate) = (new CertificateMeasurement(60), NetworkCertificate.Of(trained.Network, trained.Layers));

        IReadOnlyList<SampleCertificate>[] results = [.. new[] { 1, 3 }.Select(count =>
        {
            using var threads = new ComputeThreads(count, "certify");
            return measurement.MeasureAll(trained.Network, trained.Doubles, certificate, trained.Images, threads);
        })];

        Assert.Equal(results[0], results[1]);
        Assert.All(results[0], sample => Assert.True(sample.IsCorrect == sample.Radius > 0 && sample.Radius >= sample.LipschitzRadius));
        Assert.All(results[0], sample => Assert.True(sample.AttackRadius >= sample.Radius));
    }

    [Fact]
    public void NetworkClassifier_DataIsNormalised_MovesPixels()
    {
        using var one = new OneThread();
        using var trained = new Trained();
        var normalization = new PixelNormalization([0.2, 0.4], [0.5, 0.25]);
        using var plain = new NetworkClassifier(trained.Network, trained.Doubles);
        using var folded = new NetworkClassifier(trained.Network, trained.Doubles, normalization);
        var samples = trained.Samples(3);
        var normalised = (samples.Images - tensor(new[] { 0.2, 0.4 }).view(-1, 1, 1)) / tensor(new[] { 0.5, 0.25 }).view(-1, 1, 1);

        var (inner, outer) = (plain.Differentiate(normalised, AttackLosses.CrossEntropy(samples.Labels)), folded.Differentiate(samples.Images, AttackLosses.CrossEntropy(samples.Labels)));

        Assert.True(inner.Logits.allclose(outer.Logits, rtol: 1e-5));
        Assert.True((inner.Gradient / tensor(new[] { 0.5, 0.25 }).view(-1, 1, 1)).allclose(outer.Gradient, rtol: 1e-4));
        Assert.True(folded.Pixels(normalised).allclose(samples.Images, rtol: 1e-5));
    }
}
