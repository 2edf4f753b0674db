using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class BlockGoldenTests
{
    // Stored keys are relative to the block; a layer always stands under a path.
    private const string Path = "block";

    [Theory]
    [MemberData(nameof(GoldenFolder.CasesInBothForms), GoldenFolder.ConvBlock, MemberType = typeof(GoldenFolder))]
    public void ConvLayer_TrainAndEval_HasTheReferencesOutputGradientsAndBuffers(string name, Form form)
    {
        using var one = new OneThread();
        var golden = new GoldenFile(name);
        var scalars = GoldenFolder.Scalars.GetProperty(name);
        var layer = new ConvLayer(
            Path, GeometryOf(golden, name), scalars.GetProperty("bias").GetBoolean(),
            scalars.GetProperty("sn").GetBoolean() ? SpectralGrid.Reference : null, scalars.GetProperty("clip").GetBoolean() ? NormKind.Lipschitz : NormKind.Batch);
        var network = new Network(InputOf(golden), layer.Geometry.OutChannels, [layer], [new NetworkNode(new ConvNode(layer, 1, isFirst: true), [new Source(0)], ..1), new NetworkNode(new NormNode(layer, 1), [new Source(1)], 1..1)]);

        CheckBothModes(golden, network, form);
    }

    [Theory]
    [MemberData(nameof(GoldenFolder.CasesInBothForms), GoldenFolder.ResidualBlock, MemberType = typeof(GoldenFolder))]
    public void ResidualBlock_TrainAndEval_HasTheReferencesOutputGradientsAndBuffers(string name, Form form)
    {
        using var one = new OneThread();
        var golden = new GoldenFile(name);
        var scalars = GoldenFolder.Scalars.GetProperty(name);
        var builder = new NetworkBuilder(InputOf(golden), NetworkStyle.LowCurvature());
        builder.Residual(Path, scalars.GetProperty("cout").GetInt32(), scalars.GetProperty("s").GetInt32());

        CheckBothModes(golden, builder.Build(), form);
    }

    private static void CheckBothModes(GoldenFile golden, Network network, Form form)
    {
        var report = new GoldenReport();
        Check(golden, network, form, "train", Normalization.Shard, report);
        Check(golden, network, form, "eval", Normalization.Running, report);
        report.AssertWithinTolerance();
    }

    private static void Check(GoldenFile golden, Network network, Form form, string mode, Normalization normalization, GoldenReport report)
    {
        var states = network.Initialize(seed: 0);
        golden.LoadState(states, Path + ".");
        if (normalization == Normalization.Shard)
        {
            Array.ForEach(states, state => state.Iterate());
        }

        var parametrized = states.Select(state => state.Parametrize()).ToArray();
        var effective = form == Form.Raw
            ? parametrized
            : [.. states.Zip(parametrized, (state, tensors) => state.Layer.ForKernels(tensors).Select(t => t.requires_grad_()).ToArray())];
        var x = (form == Form.Raw ? golden["x"] : TensorLayout.ChannelsLast(golden["x"])).requires_grad_();
        var pass = new AutogradPass(
            normalization, [.. states.Zip(effective, (state, tensors) => new PreparedLayer(tensors, default, gain: null, state.BatchNorm?.RunningMean, state.BatchNorm?.RunningVar))]);

        var y = pass.Forward(network, x);
        var loss = (y * golden["cotangent"]).sum();
        report.Check($"{mode}.y", y, golden.Stored($"{mode}.y"), Tolerance.BlockValue);

        report.Check(
            $"{mode}.grad_x", autograd.grad([loss], [x], retain_graph: true)[0], golden.Stored($"{mode}.grad_x"), Tolerance.BlockGradient);
        var gradients = form == Form.Raw ? RawGradients(loss, states) : ByChainRule(loss, states, parametrized, effective);
        // Parameters that the output does not depend on have no stored gradient, and none here.
        Assert.Equal(golden.Under($"{mode}.grad.").Order(), gradients.Keys.Select(WithoutPath).Order());
        foreach (var (key, gradient) in gradients)
        {
            var stored = $"{mode}.grad.{WithoutPath(key)}";
            report.Check(stored, gradient, golden.Stored(stored), Tolerance.BlockGradient);
        }

        if (normalization == Normalization.Shard)
        {
            CheckBuffersAfter(golden, states, pass, report);
        }
    }

    private static void CheckBuffersAfter(GoldenFile golden, LayerState[] states, AutogradPass pass, GoldenReport report)
    {
        foreach (var (state, statistics) in states.Zip(pass.Statistics()))
        {
            if (statistics is not null)
            {
                state.BatchNorm!.Update(statistics);
            }
        }

        var buffers = states.SelectMany(state => state.Buffers).ToDictionary(buffer => WithoutPath(buffer.Key), buffer => buffer.Value);
        Assert.Equal(buffers.Keys.Order(), golden.Under("train.after.").Order());
        foreach (var (key, buffer) in buffers)
        {
            report.Check($"train.after.{key}", buffer, golden.Stored($"train.after.{key}"), Tolerance.BlockValue);
        }
    }

    private static Dictionary<string, Tensor> RawGradients(Tensor loss, LayerState[] states)
    {
        var learning = states.SelectMany(state => state.Parameters).Where(parameter => parameter.Learns).ToList();
        var gradients = autograd.grad([loss], [.. learning.Select(parameter => parameter.Value)]);
        return learning.Zip(gradients).ToDictionary(pair => pair.First.Key, pair => pair.Second);
    }

    private static Dictionary<string, Tensor> ByChainRule(Tensor loss, LayerState[] states, Tensor[][] parametrized, Tensor[][] effective)
    {
        var gradients = new Queue<Tensor>(autograd.grad([loss], [.. effective.SelectMany(tensors => tensors)]));
        return states.Zip(parametrized)
            .SelectMany(pair => pair.First.Parameters.Zip(
                pair.First.ChainRule(pair.Second, [.. pair.Second.Select(_ => gradients.Dequeue())])))
            .Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First.Key, pair => pair.Second!);
    }

    private static ImageShape InputOf(GoldenFile golden)
    {
        var shape = golden.Stored("x").Shape;
        return new ImageShape((int)shape[1], (int)shape[2], (int)shape[3]);
    }

    // scalars.json leaves the padding out; the shapes of y and v tell it.
    private static ConvGeometry GeometryOf(GoldenFile golden, string name)
    {
        const string V = "state.conv.parametrizations.weight.0._v";
        var scalars = GoldenFolder.Scalars.GetProperty(name);
        int Get(string size) => scalars.GetProperty(size).GetInt32();
        return Enumerable.Range(0, Get("k"))
            .Select(padding => new ConvGeometry(Get("cin"), Get("cout"), Get("k"), Get("s"), padding, Get("im"), Get("im")))
            .First(geometry => geometry.OutHeight == golden.Stored("train.y").Shape[2]
                && (!golden.Has(V) || ConvSpectralNorm.ShapeOfV(geometry, SpectralGrid.Reference).SequenceEqual(golden.Stored(V).Shape)));
    }

    private static string WithoutPath(string key) => key[(Path.Length + 1)..];
}
