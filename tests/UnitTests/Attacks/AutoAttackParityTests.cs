using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Attacks;

/// <summary>Our attacks against autoattack's own code on the same network, images and starts (tests/golden/attacks/make.py).</summary>
public sealed class AutoAttackParityTests(ITestOutputHelper output)
{
    private const int LongCount = 500;
    private const int ShortCount = 100;

    private static readonly Dictionary<AttackNorm, double> _radius = new() { [AttackNorm.L2] = 0.5, [AttackNorm.Linf] = 0.1 };

    private static int Count => TestTier.IsLong ? LongCount : ShortCount;

    public static TheoryData<AttackNorm, string> Injected { get; } = new()
    {
        { AttackNorm.L2, "apgd-ce" },
        { AttackNorm.L2, "apgd-t" },
        { AttackNorm.L2, "fab-t" },
        { AttackNorm.Linf, "apgd-ce" },
        { AttackNorm.Linf, "apgd-t" },
        { AttackNorm.Linf, "fab-t" },
    };

    [Theory]
    [MemberData(nameof(Injected))]
    public void Attack_WithInjectedStarts_FoolsTheSamplesThatAutoattackFools(AttackNorm norm, string name)
    {
        using var one = new OneThread();
        var golden = new Golden();
        Tensor Start(AttackSamples samples) => golden.Start.expand(samples.Images.shape);
        var ball = new NormBall(norm, _radius[norm], PixelRange.Unit);
        Attack attack = name switch
        {
            "apgd-ce" => new AutoProjectedGradient(ball) { Starts = Start },
            "apgd-t" => new AutoProjectedGradient(ball, targets: 9) { Starts = Start },
            _ => new FastAdaptiveBoundary(ball),
        };

        var (ours, theirs) = (golden.Standing(attack), golden.Theirs($"{norm}.{name}"));

        var differing = ours.Zip(theirs).Count(pair => pair.First != pair.Second);
        output.WriteLine($"{norm} {name}: {ours.Count(stands => stands)} of {Count} stand, with autoattack {theirs.Count(stands => stands)}; {differing} samples differ");
        Assert.InRange(Math.Abs(ours.Count(stands => stands) - theirs.Count(stands => stands)), 0, 1);
        Assert.InRange(differing, 0, 1);
    }

    [Theory]
    [InlineData(AttackNorm.L2)]
    [InlineData(AttackNorm.Linf)]
    public void Square_WithDrawsOfItsOwn_LeavesAboutAsManyStanding(AttackNorm norm)
    {
        using var one = new OneThread();
        var golden = new Golden();

        var (ours, theirs) = (golden.Standing(new SquareAttack(new NormBall(norm, _radius[norm], PixelRange.Unit), queries: 500) { ReachesEdges = false }), golden.Theirs($"{norm}.square"));

        var (here, there) = (ours.Count(stands => stands), theirs.Count(stands => stands));
        output.WriteLine($"{norm} square: {here} of {Count} stand, with autoattack {there}");
        Assert.InRange(Math.Abs(here - there), 0, 0.05 * Count);
    }

    private sealed class Golden
    {
        private readonly IReadOnlyDictionary<string, SafeTensor> _tensors =
            SafeTensorsFile.Read(Path.Combine(GoldenFolder.Attacks, "parity.safetensors")).Tensors;

        private readonly Classifier _classifier;

        public Golden()
        {
            var (kernel, bias, weight, offset) = (Floats("net.conv.weight"), Floats("net.conv.bias"), Floats("net.head.weight"), Floats("net.head.bias"));
            _classifier = new FunctionClassifier(x => nn.functional.linear(
                nn.functional.avg_pool2d(nn.functional.conv2d(x, kernel, bias, padding: [1, 1]).Softplus(5, 20), 2).flatten(1), weight, offset));
            Start = Floats("start");
            Samples = new AttackSamples(
                tensor(Array.ConvertAll(_tensors["x"].Values<byte>().ToArray(), pixel => pixel / 16f), [.. _tensors["x"].Shape]).narrow(0, 0, Count),
                tensor(_tensors["y"].Values<long>().ToArray()).narrow(0, 0, Count),
                [.. Enumerable.Range(0, Count)],
                Seed: 1);
        }

        public Tensor Start { get; }

        private AttackSamples Samples { get; }

        public bool[] Theirs(string key) => [.. _tensors[key].Values<byte>().ToArray().Take(Count).Select(stands => stands == 1)];

        public bool[] Standing(Attack attack)
        {
            var stands = Array.ConvertAll(PerSample.Read(PerSample.IsFooled(_classifier.Logits(Samples.Images), Samples.Labels)), isWrong => !isWrong);
            Assert.Equal(Theirs("clean"), stands);
            var rows = Enumerable.Range(0, Count).Where(row => stands[row]).ToArray();
            var outcome = attack.Run(_classifier, Samples.Pick(rows));
            for (var i = 0; i < rows.Length; i++)
            {
                stands[rows[i]] = !outcome.IsFooled[i];
            }

            return stands;
        }

        private Tensor Floats(string key) => tensor(_tensors[key].Values<float>().ToArray(), [.. _tensors[key].Shape]);
    }
}
