using Lcnn.Distributed.Model.Modules;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Modules;

[Collection(nameof(TensorCount))]
public sealed class ModuleLeakTests
{
    [Fact]
    public void Step_ThirtyTimes_LeavesTheNumberOfTensors()
    {
        set_num_threads(1);
        using var network = ModuleBehaviourTests.Small();
        using var optimizer = optim.SGD(network.parameters(), 0.1, momentum: 0.9);
        using var x = rand(4, 1, 8, 8);
        using var y = zeros(4, ScalarType.Int64);

        TensorLeakTests.AssertNoLeak(30, () =>
        {
            using var scope = NewDisposeScope();
            var images = x.detach().requires_grad_();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(network.call(images), y);
            (loss + Penalties.GradientNorm(loss, images) + Penalties.Beta(network) + Penalties.Gamma(network)).backward();
            optimizer.step();
        });
    }

    [Fact]
    public void ForwardAndCurvature_TenTimesWithoutAScope_LeaveTheNumberOfTensors()
    {
        set_num_threads(1);
        using var network = ModuleBehaviourTests.Small();
        using var x = rand(4, 1, 8, 8);
        using var y = zeros(4, ScalarType.Int64);

        TensorLeakTests.AssertNoLeak(10, () =>
        {
            network.call(x).Dispose();
            ModuleCurvature.Measure(network, x, y, iterations: 2);
        });
    }
}
