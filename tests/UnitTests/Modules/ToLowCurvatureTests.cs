using ExistingModel;
using Lcnn.Distributed.Model.Modules.Conversion;
using Lcnn.Distributed.UnitTests.Golden;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Stock = TorchSharp.Modules;

namespace Lcnn.Distributed.UnitTests.Modules;

public sealed class ToLowCurvatureTests
{
    [Fact]
    public void StockNetwork_WithModulesInFieldsAndLists_IsSwappedWholeAndKeepsItsWeights()
    {
        using var one = new OneThread();
        var network = new ResNet18(1, 10);
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());

        var report = network.ToLowCurvature(new() { ImageShape = [1, 16, 16] });

        Assert.Empty(report.Kept);
        Assert.Equal(20 + 20 + 17 + 1, report.Swapped.Count);
        Assert.DoesNotContain(network.modules(), module => module is Stock.Conv2d or Stock.BatchNorm2d or Stock.ReLU or Stock.Linear);
        Assert.All(report.Swapped, swapped => Assert.Contains(swapped.To, "SpectralConv2d LipschitzBatchNorm2d CenteredSoftplus SpectralLinear", StringComparison.Ordinal));
        var after = network.state_dict();
        Assert.All(before, entry => Assert.True(entry.Value.Equals(
            after[after.ContainsKey(entry.Key) ? entry.Key : entry.Key[..^"weight".Length] + "parametrizations.weight.original"])));
        // What the forward pass reads is what was registered.
        network.call(rand(2, 1, 16, 16)).sum().backward();
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
        Assert.Empty(network.ToLowCurvature().Swapped);
    }

    [Fact]
    public void TrainedNetwork_WithImageShape_ComputesInEvaluationWhatItDid()
    {
        using var one = new OneThread();
        var network = Sequential(Conv2d(2, 4, 3, padding: 1), BatchNorm2d(4), Conv2d(4, 3, 3, stride: 2, bias: false), BatchNorm2d(3)).to(ScalarType.Float64);
        var x = randn([8, 2, 9, 9], dtype: ScalarType.Float64);
        for (var i = 0; i < 100; i++)
        {
            network.call(x);
        }

        network.eval();
        var before = network.call(x);

        network.ToLowCurvature(new() { ImageShape = [2, 9, 9], Gamma = 1e6 });

        // But for the 1e-5 that a batch norm adds to variances.
        Assert.Equal(0, (before - network.call(x)).abs().max().ToDouble(), 1e-2);
        Assert.False(network.training);
    }

    [Fact]
    public void TrainedNetwork_WithoutImageShape_BeginsItsStatisticsAnewAndSaysSo()
    {
        using var one = new OneThread();
        var network = Sequential(Conv2d(1, 2, 3), BatchNorm2d(2));
        network.call(rand(4, 1, 8, 8));

        var report = network.ToLowCurvature();

        Assert.Contains("ImageShape", report.Swapped[1].Remark);
        Assert.Equal(0, network.state_dict()["1.num_batches_tracked"].ToInt64());
        Assert.Contains("1: BatchNorm2d -> LipschitzBatchNorm2d (its running statistics begin anew", report.ToString());
    }

    [Fact]
    public void LipschitzBatchNorm_WithSlopes_IsGammaLipschitzInEvaluation()
    {
        using var one = new OneThread();
        var network = Sequential(BatchNorm2d(2));
        ((Stock.BatchNorm2d)network.children().Single()).weight!.detach().copy_(tensor(new float[] { -7, 0 }));
        network.ToLowCurvature(new() { Gamma = 2 });
        network.eval();

        var slopes = network.call(ones(1, 2, 1, 1)) - network.call(zeros(1, 2, 1, 1));

        Assert.Equal([-2f, 0f], slopes.detach().flatten().data<float>().ToArray().Select(value => MathF.Round(value, 4)));
    }

    [Fact]
    public void WhatCannotBeTreated_IsKeptAndNamed()
    {
        using var one = new OneThread();
        var network = Sequential(
            ("grouped", Conv2d(2, 2, 3, groups: 2)), ("dilated", Conv2d(2, 2, 3, dilation: 2)), ("oblong", Conv2d(2, 2, (1, 3))), ("mirror", Conv2d(2, 2, 3, padding: 1, padding_mode: PaddingModes.Reflect)),
            ("same", Conv2d(2, 2, 3, padding: Padding.Same)), ("blind", BatchNorm2d(2, track_running_stats: false)), ("gelu", GELU()), ("pool", MaxPool2d(2)));

        var report = network.ToLowCurvature();

        Assert.Equal(["same"], report.Swapped.Select(swapped => swapped.Path));
        Assert.Equal(["grouped", "dilated", "oblong", "mirror", "blind", "gelu"], report.Kept.Select(kept => kept.Path));
        Assert.Contains("groups", report.Kept[0].Reason);
        Assert.Equal([1, 2, 8, 8], network[4].call(rand(1, 2, 8, 8)).shape);
    }

    [Fact]
    public void ModulesOutOfReach_AndFunctions_AreKeptAndNamed()
    {
        using var one = new OneThread();
        var network = new Awkward();

        var report = network.ToLowCurvature();

        Assert.Equal(["listed", "shared", "twin", "many.0"], report.Swapped.Select(swapped => swapped.Path));
        Assert.Equal(
            [
                "narrow: Linear kept: _narrow of Awkward is declared as Linear: declare it as Module<Tensor, Tensor>",
                "hidden: Linear kept: no field or list of Awkward holds it: keep it in a field",
                "Awkward: relu kept: the code calls it as a function: give it a module",
                "Awkward: linear kept: the code calls it as a function: give it a module",
            ],
            report.Kept.Select(kept => $"{kept.Path}: {kept.What} kept: {kept.Reason}"));
        Assert.Same(network.get("shared"), network.get("twin"));
        Assert.Equal([3, 2], network.call(rand(3, 2)).shape);
    }

    [Fact]
    public void FrozenAndDoubleModules_StayFrozenAndDouble()
    {
        var network = Sequential(Linear(2, 3), ReLU()).to(ScalarType.Float64);
        network.parameters().First().requires_grad = false;

        network.ToLowCurvature();

        Assert.False(network.get_parameter("0.parametrizations.weight.original")!.requires_grad);
        Assert.All(network.parameters(), parameter => Assert.Equal(ScalarType.Float64, parameter.dtype));
    }

    [Fact]
    public void BadCalls_AreNamed()
    {
        Assert.Contains("Sequential", Assert.Throws<ArgumentException>(() => ReLU().ToLowCurvature()).Message);
        var network = Sequential(Conv2d(3, 2, 3), ReLU());
        Assert.Contains("does not take images of [1, 8, 8]", Assert.Throws<ArgumentException>(() => network.ToLowCurvature(new() { ImageShape = [1, 8, 8] })).Message);
        Assert.Contains("Beta", Assert.Throws<ArgumentOutOfRangeException>(() => network.ToLowCurvature(new() { Beta = double.NaN })).Message);
        Assert.IsType<Stock.Conv2d>(network[0]);
        Assert.Contains("[1, 8]", Assert.Throws<ArgumentException>(() => Sequential(ReLU()).ToLowCurvature(new() { ImageShape = [1, 8] })).Message);
    }

    private sealed class Awkward : Module<Tensor, Tensor>
    {
        private readonly Stock.Linear _narrow = Linear(2, 2);
        private readonly List<Module<Tensor, Tensor>> _list = [Linear(2, 2)];
        private readonly Module<Tensor, Tensor> _shared = ReLU();
        private readonly Stock.ModuleList<Module<Tensor, Tensor>> _many = new(ReLU());
        private readonly Func<Tensor, Tensor> _hidden;

        public Awkward() : base(nameof(Awkward))
        {
            var hidden = Linear(2, 2);
            _hidden = hidden.call;
            register_module("narrow", _narrow);
            register_module("hidden", hidden);
            register_module("listed", _list[0]);
            register_module("shared", _shared);
            register_module("twin", _shared);
            register_module("many", _many);
        }

        public nn.Module get(string name) => named_children().Single(child => child.name == name).module;

        public override Tensor forward(Tensor input) => new[] { input }
            .Select(x => functional.linear(_hidden(_narrow.call(functional.relu(_list[0].call(x)))), eye(2)))
            .Select(_shared.call).Select(_many[0].call).Single();
    }
}
