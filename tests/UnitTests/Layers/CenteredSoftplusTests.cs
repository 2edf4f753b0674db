using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Layers;

public sealed class CenteredSoftplusTests
{
    // 1000 * 3 is far beyond the threshold, above which the function is linear.
    public static MatrixTheoryData<double, bool> Cases { get; } = new([0.01, 0.5, 5, 20, 1000], [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fused_AgainstComposed_AgreesInValueAndFirstAndSecondDerivatives(double beta, bool channelsLast)
    {
        using var one = new OneThread();
        var expected = Derivatives(Composed, beta, channelsLast);

        var actual = Derivatives(CenteredSoftplus.Forward, beta, channelsLast);

        AssertClose(expected, actual, beta);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void FixedBeta_AgainstComposed_AgreesInFirstAndSecondDerivatives(double beta, bool channelsLast)
    {
        using var one = new OneThread();
        var x = Input(channelsLast);
        Tensor[] Evaluate(Func<Tensor, Tensor, Tensor> activation)
        {
            var y = activation(x, tensor(beta, ScalarType.Float64));
            var slope = autograd.grad([y.square().sum()], [x], retain_graph: true, create_graph: true)[0];
            return [y, slope, autograd.grad([slope.square().sum()], [x])[0]];
        }

        var expected = Evaluate(Composed);

        var actual = Evaluate(CenteredSoftplus.Forward);

        AssertClose(expected, actual, beta);
    }

    // psoftplus.py:25-30 as written there.
    private static Tensor Composed(Tensor x, Tensor beta) => (nn.functional.softplus(beta * x, 1, CenteredSoftplus.Threshold) - Math.Log(2)) / beta;

    // Double rounding of sums of 120 numbers; derivatives in beta cancel terms of size 1 / beta^2.
    private static void AssertClose(Tensor[] expected, Tensor[] actual, double beta) => Assert.All(actual.Zip(expected), pair => Assert.InRange(
        (pair.First - pair.Second).abs().max().ReadDouble(), 0, 1e-12 * Math.Max(1 + (1 / (beta * beta)), pair.Second.abs().max().ReadDouble())));

    private static Tensor Input(bool channelsLast)
    {
        using var draws = new Generator(3);
        var x = randn([2, 3, 4, 5], dtype: ScalarType.Float64, generator: draws) * 3;
        return (channelsLast ? TensorLayout.ChannelsLast(x) : x).requires_grad_();
    }

    private static Tensor[] Derivatives(Func<Tensor, Tensor, Tensor> activation, double value, bool channelsLast)
    {
        using var draws = new Generator(4);
        var x = Input(channelsLast);
        var beta = tensor(value, ScalarType.Float64).requires_grad_();
        var g = randn(x.shape, dtype: ScalarType.Float64, generator: draws).requires_grad_();
        var h = randn(x.shape, dtype: ScalarType.Float64, generator: draws);
        var y = activation(x, beta);
        var plain = autograd.grad([y], [x, beta], [g.detach()], retain_graph: true);
        var recorded = autograd.grad([y], [x, beta], [g], retain_graph: true, create_graph: true);
        var second = autograd.grad([(recorded[0] * h).sum() + (recorded[1] * 0.7)], [x, beta, g]);
        return [y, .. plain, .. recorded, .. second];
    }
}
