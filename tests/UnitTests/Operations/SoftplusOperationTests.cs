using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Operations;

public sealed class SoftplusOperationTests
{
    // 1000 * 3 is far beyond the threshold, above which the function is linear.
    public static MatrixTheoryData<double, bool> Cases { get; } = new([0.01, 0.5, 5, 20, 1000], [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Passes_AgainstAutogradOfTheComposition_AgreeInEveryResult(double beta, bool channelsLast)
    {
        using var one = new OneThread();
        using var draws = new Generator(4);
        var x = Input(channelsLast);
        var (g, h, total) = (Like(x, draws), Like(x, draws), Like(x, draws));
        var layer = new BetaLayer("beta") { Index = 0 };
        using var gradients = new ParameterGradients([layer]);
        using var operation = new SoftplusOperation(layer, beta);

        Tensor[] actual = [operation.Forward(x), operation.BackwardToInput(g), operation.Adjoint(h), operation.Backward(total, gradients), gradients.Take(0)[0].view([])];

        AssertClose(ByAutograd(x, beta, g, h, total), actual, beta);
    }

    [Fact]
    public void Adjoint_MadeTwice_CountsTheSecondAlone()
    {
        using var one = new OneThread();
        using var draws = new Generator(4);
        var x = Input(channelsLast: false);
        var (g, first, second) = (Like(x, draws), Like(x, draws), Like(x, draws));
        using var operation = new SoftplusOperation(null, 3);
        operation.Forward(x);
        operation.BackwardToInput(g);

        operation.Adjoint(first);
        operation.Adjoint(second);

        var expected = ByAutograd(x, 3, g, second, zeros_like(x))[3];
        AssertClose([expected], [operation.Backward(zeros_like(x), null)], beta: 3);
    }

    // psoftplus.py:25-30 as written there; the four passes' results, and the gradient of beta.
    private static Tensor[] ByAutograd(Tensor x, double value, Tensor g, Tensor h, Tensor total)
    {
        var (leaf, beta, slope) = (x.detach().requires_grad_(), tensor(value, ScalarType.Float64).requires_grad_(), g.detach().requires_grad_());
        var y = (nn.functional.softplus(beta * leaf, 1, ISoftplusKernels.Threshold) - Math.Log(2)) / beta;
        var dx = autograd.grad([y], [leaf], [slope], retain_graph: true, create_graph: true)[0];
        var everything = (dx * h).sum() + (y * total).sum();
        var second = autograd.grad([everything], [leaf, beta, slope]);
        return [y, dx, second[2], second[0], second[1]];
    }

    // Double rounding of sums of 120 numbers; derivatives in beta cancel terms of size 1 / beta^2.
    private static void AssertClose(Tensor[] expected, Tensor[] actual, double beta) => Assert.All(actual.Zip(expected), pair => Assert.InRange(
        (pair.First - pair.Second).abs().max().ReadDouble(), 0, 1e-12 * Math.Max(1 + (1 / (beta * beta)), pair.Second.abs().max().ReadDouble())));

    private static Tensor Like(Tensor x, Generator draws) => randn(x.shape, dtype: ScalarType.Float64, generator: draws);

    private static Tensor Input(bool channelsLast)
    {
        using var draws = new Generator(3);
        var x = randn([2, 3, 4, 5], dtype: ScalarType.Float64, generator: draws) * 3;
        return channelsLast ? TensorLayout.ChannelsLast(x) : x;
    }
}
