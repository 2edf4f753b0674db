using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Optimizers;

/// <summary>What optimizers do where no sweep takes the tensors, as on GPUs. That the sweeps are torch's: OptimizerGoldenTests.</summary>
public sealed class OptimizerTests
{
    public static MatrixTheoryData<Optimizer, bool, double> Cases { get; } = new(
        [new Sgd(), new Sgd(0.8, 0.01, nesterov: true), new AdamW(), new AdamW(0.5, 0.6, 1e-4, 0.1)], [false, true], [1, 0.25]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Update_OfTensorsThatNoSweepTakes_IsThatOfTheSweep(Optimizer optimizer, bool decays, double scale)
    {
        using var one = new OneThread();
        using var draws = new Generator(5);
        var value = randn([5, 4, 3], dtype: ScalarType.Float64, generator: draws);
        using var swept = Parameter(value, decays, optimizer);
        using var composed = Parameter(Scattered(value), decays, optimizer);
        Assert.False(WeightSweeps.Take(composed.Value));

        for (var number = 1; number <= 4; number++)
        {
            var gradient = randn([5, 4, 3], dtype: ScalarType.Float64, generator: draws);
            var step = new OptimizerStep(LearningRate: 0.1, number, scale);
            using var _ = no_grad();
            optimizer.Update(composed, Scattered(gradient), step);
            optimizer.Update(swept, gradient, step);
        }

        Assert.All(composed.OptimizerState.Prepend(composed.Value).Zip(swept.OptimizerState.Prepend(swept.Value)), pair =>
            Assert.InRange((pair.First.detach() - pair.Second.detach()).abs().max().ReadDouble(), 0, 1e-12));
        Assert.NotEqual(TensorLayout.ToBytes(value), TensorLayout.ToBytes(swept.Value));
    }

    [Fact]
    public void StateSuffixes_OfEach_AreWhatSnapshotsHave()
    {
        Assert.Equal([""], new Sgd().StateSuffixes);
        Assert.Equal([".exp_avg", ".exp_avg_sq"], new AdamW().StateSuffixes);
    }

    private static RawParameter Parameter(Tensor value, bool decays, Optimizer optimizer)
    {
        var parameter = new RawParameter("w", value.is_contiguous() ? value.clone() : value, decays);
        parameter.AddOptimizerState(optimizer.StateSuffixes.Count);
        return parameter;
    }

    // The same numbers in another order of memory.
    private static Tensor Scattered(Tensor t) => t.permute(2, 1, 0).contiguous().permute(2, 1, 0);
}
