using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Numerics;

public sealed class TensorLayoutTests
{
    [Fact]
    public void MoveTogether_TensorsOfEveryLayout_KeepNumbersAndStridesAndBeginOnCacheLines()
    {
        Tensor[] Make() =>
        [
            arange(3.0f), TensorLayout.ChannelsLast(arange(54.0f).view(2, 3, 3, 3)), tensor(7.0f), arange(54.0f).view(2, 3, 3, 3), arange(6.0f).view(2, 3).t(),
        ];
        var expected = Make();

        var moved = TensorLayout.MoveTogether(Make(), CPU);

        Assert.All(expected.Zip(moved), pair => Assert.Equal(TensorLayout.ToBytes(pair.First), TensorLayout.ToBytes(pair.Second)));
        Assert.All(expected.SkipLast(1).Zip(moved), pair => Assert.Equal(pair.First.stride(), pair.Second.stride()));
        Assert.All(moved, t => Assert.Equal(0, t.storage_offset() % 16));
    }

    [Fact]
    public void InKernelOrder_OtherLayouts_AreCopiedAndItsOwnKept()
    {
        var (last, row) = (TensorLayout.ChannelsLast(arange(54.0f).view(2, 3, 3, 3)), arange(54.0f).view(2, 3, 3, 3));
        var expected = TensorLayout.ToBytes(row);

        Assert.Same(last, TensorLayout.InKernelOrder(last));
        var copy = TensorLayout.InKernelOrder(row);

        Assert.Equal(last.stride(), copy.stride());
        Assert.Equal(expected, TensorLayout.ToBytes(copy));
        Assert.True(row.IsInvalid);
    }
}
