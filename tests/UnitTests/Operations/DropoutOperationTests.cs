using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Operations;

public sealed class DropoutOperationTests
{
    private const double Rate = 0.3;

    [Fact]
    public void Passes_WithDraws_AreOneProductWithAMaskOfTheRightShare()
    {
        using var scope = NewDisposeScope();
        using var dropout = new DropoutOperation(Rate, layer: 2, new SampleDraws(seed: 7, epoch: 3, [10, 20]));

        Assert.Equal([2L, 6], dropout.Forward(ones(2, 6)).shape); // rows of numbers, too
        var mask = dropout.Forward(ones(2, 50, 20, 10));

        var kept = (float)(1 / (1 - Rate));
        Assert.Equal([0, kept], mask.contiguous().data<float>().Distinct().Order());
        Assert.InRange(mask.mean().ReadDouble(), 0.98, 1.02); // four standard deviations of 20,000 draws
        var g = rand(2, 50, 20, 10);
        Assert.True((g * mask).allclose(dropout.BackwardToInput(g)));
        Assert.True((g * mask).allclose(dropout.Adjoint(g)));
        Assert.True((g * mask).allclose(dropout.Backward(g, null)!));
    }

    [Fact]
    public void Forward_ASampleInAnyBatch_HasTheSameMask()
    {
        using var scope = NewDisposeScope();

        var both = Mask(epoch: 3, layer: 2, 10, 20);

        Assert.True(both[1].allclose(Mask(epoch: 3, layer: 2, 20)[0]));
        Assert.False(both[0].allclose(both[1]));
        Assert.False(both.allclose(Mask(epoch: 4, layer: 2, 10, 20)));
        Assert.False(both.allclose(Mask(epoch: 3, layer: 1, 10, 20)));
    }

    [Fact]
    public void Passes_WithoutDraws_HandOnACopy()
    {
        using var scope = NewDisposeScope();
        using var dropout = new DropoutOperation(Rate, layer: 0, draws: null);
        var x = rand(2, 3);

        var y = dropout.Forward(x);

        Assert.True(y.allclose(x));
        y.zero_();
        Assert.True(x.sum().ReadDouble() > 0);
    }

    private static Tensor Mask(int epoch, int layer, params int[] samples)
    {
        using var dropout = new DropoutOperation(Rate, layer, new SampleDraws(seed: 7, epoch, samples));
        return dropout.Forward(ones(samples.Length, 4, 3, 2));
    }
}
