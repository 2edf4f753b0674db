using System.Runtime.InteropServices;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.UnitTests.Grains;

#pragma warning disable CA2201 // what TorchSharp and the runtime throw
public sealed class TrainingFailureTests
{
    private const string OnGpu = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 139.72 GiB.\nException raised from malloc at a.cpp:1 (most recent call first):\nframe #0: x";

    [Theory]
    [InlineData("compute", 31, "lower --batch-size or --threads, or raise --shards")]
    [InlineData("apply", 31, "lower --batch-size or --threads, or raise --shards")]
    [InlineData("evaluate", 30, "lower --threads, or use a machine with more memory")]
    [InlineData("measure curvature", 30, "lower --threads or --curvature-samples, which 0 turns off")]
    public void Of_OutOfMemory_SaysWhenWhereAndWhatHelps(string phase, long step, string remedy)
    {
        var activity = new RankActivity();
        activity.Enter(phase, 30);

        var failure = TrainingFailure.Of(activity, LibtorchException.At("the backward pass", new ExternalException(OnGpu)));

        Assert.Equal(
            $"step {step} ({phase}): out of memory in the backward pass: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 139.72 GiB.; {remedy}",
            failure?.Message);
    }

    [Fact]
    public void Of_AnyOtherRefusalOfLibtorch_HasNoRemedy()
    {
        var activity = new RankActivity();
        activity.Enter("prepare", 0);

        Assert.Equal("step 1 (prepare): libtorch failed in an operation: no such kernel", TrainingFailure.Of(activity, new ExternalException("no such kernel"))?.Message);
    }

    [Fact]
    public void Of_TheRuntimesOwnMemory_IsOutOfMemory() =>
        Assert.Contains("out of memory", TrainingFailure.Of(new RankActivity(), new OutOfMemoryException())?.Message, StringComparison.Ordinal);

    [Fact]
    public void Of_AnythingElse_IsNull() => Assert.Null(TrainingFailure.Of(new RankActivity(), new IOException("disk")));
}
