using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Losses;

public sealed class CrossEntropyTests
{
    [Fact]
    public void Read_WithoutAndWithAGradientNorm_HasTheTermOrZero()
    {
        using var one = new OneThread();
        using var loss = new CrossEntropy(zeros(2, dtype: ScalarType.Int64), globalBatchCount: 2);
        loss.Begin(zeros(2, 4)).Dispose();

        Assert.Equal((2, 0.0), (loss.Read().Correct, loss.Read().GradientNorm));
        loss.Add(ones([]));
        Assert.Equal(1.0, loss.Read().GradientNorm);
    }
}
