using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Kernels;

public sealed class PatchesTests
{
    public static MatrixTheoryData<long, long, bool> Cases { get; } = new([1, 3], [1, 2], [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_TimesTheWeight_IsTheConvolutionAndSumItsTranspose(long kernel, long stride, bool channelsLast)
    {
        using var one = new OneThread();
        using var draws = new Generator(3);
        var (x, weight) = (randn([2, 3, 7, 5], dtype: ScalarType.Float64, generator: draws), randn([4, 3, kernel, kernel], dtype: ScalarType.Float64, generator: draws));
        var images = (channelsLast ? TensorLayout.ChannelsLast(x) : x.clone()).requires_grad_();
        var y = nn.functional.conv2d(images, weight, null, [stride, stride], [kernel / 2, kernel / 2]);
        var g = randn(y.shape, dtype: ScalarType.Float64, generator: draws);
        var expected = autograd.grad([y], [images], [g])[0];
        var rows = weight.permute(0, 2, 3, 1).reshape(4, -1);
        using var _ = no_grad();

        var patches = new Patches(kernel, stride, kernel / 2);
        var product = patches.Of(images).mm(rows.t()).view(2, y.shape[2], y.shape[3], 4).permute(0, 3, 1, 2);
        var slope = patches.Sum(g.permute(0, 2, 3, 1).reshape(-1, 4).mm(rows), x.shape, y.shape[2], y.shape[3]);

        Assert.InRange((y - product).abs().max().ReadDouble(), 0, 1e-14 * y.abs().max().ReadDouble() * weight.numel());
        Assert.InRange((expected - slope).abs().max().ReadDouble(), 0, 1e-14 * expected.abs().max().ReadDouble() * weight.numel());
        Assert.True(slope.permute(0, 2, 3, 1).is_contiguous());
    }
}
