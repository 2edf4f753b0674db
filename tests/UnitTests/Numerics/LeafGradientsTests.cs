using System.Runtime.InteropServices;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Numerics;

/// <summary>Each of these ended the process, and with it every other test, while gradients came from autograd.grad.</summary>
public sealed class LeafGradientsTests
{
    private const long BeyondAllMemory = 1L << 50;

    [Fact]
    public void Of_AFunction_AreAutogradsAndLeaveNothingInTheLeaves()
    {
        using var one = new OneThread();
        var (x, y) = (Leaf(3), Leaf(5));

        var gradients = LeafGradients.Of((x * x * y).sum(), [x, y]);

        Assert.Equal([30, 9], gradients.Select(gradient => gradient.ReadDouble()));
        Assert.Null(x.grad);
        Assert.Null(y.grad);
    }

    [Fact]
    public void Of_BackwardWithoutMemory_IsAnExceptionThatSaysSo()
    {
        using var one = new OneThread();
        var x = Leaf(3);
        var insatiable = (x * x).expand(BeyondAllMemory).narrow(0, 0, 1).sum();

        var refused = Assert.Throws<LibtorchException>(
            () => LibtorchException.In("the test", () => LeafGradients.Of(insatiable, [x])));

        Assert.True(refused.IsOutOfMemory);
        Assert.StartsWith("out of memory in the test: DefaultCPUAllocator: can't allocate memory: you tried to allocate ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Of_AFreedGraph_IsAnException()
    {
        using var one = new OneThread();
        var x = Leaf(3);
        var y = (x * x).sum();
        LeafGradients.Of(y, [x]);

        var refused = Assert.Throws<ExternalException>(() => LeafGradients.Of(y, [x]));

        Assert.Contains("backward through the graph a second time", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AValueOverwrittenSinceForward_IsAnException()
    {
        using var one = new OneThread();
        var (x, factor) = (Leaf(3), tensor([2.0]));
        var y = (x * factor).sum();
        factor.zero_();

        Assert.Contains("modified by an inplace operation", Assert.Throws<ExternalException>(() => LeafGradients.Of(y, [x])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ALeafThatTakesNoPart_IsAnException()
    {
        using var one = new OneThread();

        Assert.Throws<InvalidOperationException>(() => LeafGradients.Of(Leaf(3).sum(), [Leaf(4)]));
    }

    private static Tensor Leaf(double value) => tensor([value]).requires_grad_();
}
