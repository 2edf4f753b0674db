using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Certificates;

public sealed class ConvolutionNormTests(ITestOutputHelper output)
{
    [Fact]
    public void Upper_TwoHundredSmallConvolutions_IsNeverBelowTheDenseMatrixsNorm()
    {
        using var one = new OneThread();
        var ratios = new List<double>();
        for (var seed = 0; seed < 200; seed++)
        {
            using var scope = NewDisposeScope();
            var draws = new Random(seed);
            var (kernel, stride, groups) = (draws.Next(1, 6), draws.Next(1, 4), draws.Next(4) == 0 ? 2 : 1);
            var (inputs, outputs, padding) = (groups * draws.Next(1, 4), groups * draws.Next(1, 4), draws.Next(0, kernel + 1));
            var (height, width) = (Math.Max(draws.Next(1, 9), kernel - (2 * padding)), Math.Max(draws.Next(1, 9), kernel - (2 * padding)));
            var weight = Weight(draws, outputs, inputs / groups, kernel);

            var upper = ConvolutionNorm.Upper(weight, height, width, stride, padding, groups);
            var dense = DenseNorm(weight, inputs, height, width, stride, padding, groups);

            Assert.True(upper >= dense, $"seed {seed}: {upper} < {dense} with kernel {kernel}, stride {stride}, padding {padding}, {height}x{width}, groups {groups}");
            if (dense > 0) // a stride may step over the image
            {
                ratios.Add(upper / dense);
            }
        }

        ratios.Sort();
        output.WriteLine($"bound over dense norm: median {ratios[ratios.Count / 2]:F3}, 90 % {ratios[ratios.Count * 9 / 10]:F3}, largest {ratios[^1]:F3}");
        Assert.InRange(ratios[ratios.Count / 2], 1, 1.5);
    }

    [Theory]
    [InlineData(14, 1, 1.04)]
    [InlineData(14, 2, 1.05)]
    [InlineData(8, 1, 1.10)]
    [InlineData(8, 2, 1.12)]
    public void Upper_ThreeByThreeKernel_IsTight(int side, int stride, double most)
    {
        using var one = new OneThread();
        var weight = Weight(new Random(side), 3, 3, 3);

        Assert.InRange(ConvolutionNorm.Upper(weight, side, side, stride, 1) / DenseNorm(weight, 3, side, side, stride, 1, 1), 1, most);
    }

    [Fact]
    public void Upper_DifferenceOfNeighbours_IsAboveWhatACircleHas()
    {
        using var one = new OneThread();
        var weight = zeros([1L, 1, 2, 2], dtype: ScalarType.Float64);
        weight[0, 0, 0, 0] = tensor(1.0, dtype: ScalarType.Float64);
        weight[0, 0, 0, 1] = tensor(-1.0, dtype: ScalarType.Float64);

        // On three pixels 1.802, on a circle of three 1.732.
        Assert.InRange(ConvolutionNorm.Upper(weight, 3, 3, 1, 1), 1.802, 2 + 1e-12);
    }

    [Fact]
    public void GramIteration_MatricesOfAnySize_IsNeverBelowTheLargestSingularValueAndClose()
    {
        using var one = new OneThread();
        foreach (var (rows, columns, size) in new[] { (1, 1, 1.0), (3, 7, 1e-200), (40, 9, 1e150), (64, 64, 1.0), (2, 90, 1e-3) })
        {
            using var draws = new Generator((ulong)(rows + columns));
            var m = randn([2, rows, columns], dtype: ScalarType.Float64, generator: draws) * tensor(size, dtype: ScalarType.Float64);
            var exact = linalg.svdvals(m).max().ReadDouble();

            Assert.InRange(GramIteration.Upper(m) / exact, 1 - 1e-13, 1.01);
        }

        // Equal singular values are where rounding has nothing to hide behind.
        Assert.True(GramIteration.Upper(eye(50, dtype: ScalarType.Float64).unsqueeze(0)) >= 1);
        Assert.Equal(0, GramIteration.Upper(zeros([1L, 4, 4], dtype: ScalarType.Float64)));
    }

    private static Tensor Weight(Random draws, int outputs, int inputs, int kernel)
    {
        var values = new double[outputs * inputs * kernel * kernel];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (2 * draws.NextDouble()) - 1;
        }

        return tensor(values, outputs, inputs, kernel, kernel, dtype: ScalarType.Float64);
    }

    private static double DenseNorm(Tensor weight, int inputs, int height, int width, int stride, int padding, int groups)
    {
        var pixels = inputs * height * width;
        var basis = eye(pixels, dtype: ScalarType.Float64).view(pixels, inputs, height, width);
        var columns = nn.functional.conv2d(basis, weight, null, [stride, stride], [padding, padding], groups: groups).flatten(1);
        return linalg.svdvals(columns).max().ReadDouble();
    }
}
