using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using Lcnn.Distributed.UnitTests.Training;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class NetworkStateTests
{
    private const string Weight = "0.0.conv.parametrizations.weight.original";

    [Fact]
    public void Import_OfAnExport_GivesTheSameBytes()
    {
        using var one = new OneThread();
        var exported = NetworkState.Export(States(seed: 1));
        var other = States(seed: 2);

        NetworkState.Import(other, exported.ToDictionary(tensor => tensor.Name), "test");

        Assert.Equal(exported.Select(tensor => tensor.Data.ToArray()), NetworkState.Export(other).Select(tensor => tensor.Data.ToArray()));
    }

    [Fact]
    public void Import_OfOneLayerFromTheWholeNetwork_PassesOverTheOthers()
    {
        using var one = new OneThread();
        var exported = NetworkState.Export(States(seed: 1)).ToDictionary(tensor => tensor.Name);
        var other = States(seed: 2);

        NetworkState.Import([other[0]], exported, "test", whole: false);

        var first = NetworkState.Export([other[0]]);
        Assert.All(first, tensor => Assert.Equal(exported[tensor.Name].Data.ToArray(), tensor.Data.ToArray()));
        Assert.NotEqual(exported["1.0.1.f1.conv.parametrizations.weight.original"].Data.ToArray(),
            NetworkState.Export(other).Single(tensor => tensor.Name == "1.0.1.f1.conv.parametrizations.weight.original").Data.ToArray());
    }

    [Fact]
    public void Import_FloatsIntoExtendedLayers_LosesNothing()
    {
        using var one = new OneThread();
        var exported = NetworkState.Export(States(seed: 1)).ToDictionary(tensor => tensor.Name);
        var wide = States(seed: 2, Precision.Extended);

        NetworkState.Import(wide, exported, "test");

        Assert.Equal(
            Array.ConvertAll(exported[Weight].Values<float>().ToArray(), value => (double)value),
            NetworkState.Export(wide).Single(tensor => tensor.Name == Weight).Values<double>().ToArray());
    }

    [Theory]
    [InlineData(ElementType.F16, (ushort)0x3C01, 1.0009765625)]
    [InlineData(ElementType.F16, (ushort)0x8001, -5.9604644775390625E-08)]
    [InlineData(ElementType.BF16, (ushort)0x3FC1, 1.5078125)]
    [InlineData(ElementType.F8_E5M2, (ushort)0x01, 1.52587890625E-05)]
    [InlineData(ElementType.F8_E5M2, (ushort)0xFB, -57344.0)]
    [InlineData(ElementType.F8_E5M2, (ushort)0x7C, double.PositiveInfinity)]
    [InlineData(ElementType.F8_E4M3, (ushort)0x01, 0.001953125)]
    [InlineData(ElementType.F8_E4M3, (ushort)0x7E, 448.0)]
    [InlineData(ElementType.F8_E4M3, (ushort)0xB8, -1.0)]
    [InlineData(ElementType.F8_E4M3, (ushort)0x7F, double.NaN)]
    [InlineData(ElementType.F8_E4M3FNUZ, (ushort)0x7F, 240.0)]
    [InlineData(ElementType.F8_E4M3FNUZ, (ushort)0x80, double.NaN)]
    [InlineData(ElementType.F8_E5M2FNUZ, (ushort)0x7F, 57344.0)]
    [InlineData(ElementType.F8_E8M0, (ushort)0x00, 5.877471754111438E-39)]
    [InlineData(ElementType.F8_E8M0, (ushort)0x80, 2.0)]
    public void Import_NarrowerFloats_AreTheSameNumbers(ElementType type, ushort bits, double number)
    {
        using var one = new OneThread();
        var tensors = NetworkState.Export(States(seed: 1)).ToDictionary(tensor => tensor.Name);
        var (shape, size) = (tensors[Weight].Shape, type.BitCount() / 8);
        var count = (int)shape.Aggregate((product, length) => product * length);
        var bytes = Enumerable.Repeat(BitConverter.GetBytes(bits)[..size], count).SelectMany(value => value).ToArray();
        tensors[Weight] = new SafeTensor(Weight, type, shape, bytes);
        var (full, extended) = (States(seed: 2), States(seed: 2, Precision.Extended));

        NetworkState.Import(full, tensors, "test");
        NetworkState.Import(extended, tensors, "test");

        Assert.All(NetworkState.Export(full).Single(tensor => tensor.Name == Weight).Values<float>().ToArray(), value => Assert.Equal(number, value));
        Assert.All(NetworkState.Export(extended).Single(tensor => tensor.Name == Weight).Values<double>().ToArray(), value => Assert.Equal(number, value));
    }

    [Theory]
    [InlineData(ElementType.I32)]
    [InlineData(ElementType.U8)]
    [InlineData(ElementType.F64)]
    [InlineData(ElementType.C64)]
    [InlineData(ElementType.F4)]
    [InlineData(ElementType.BOOL)]
    public void Import_WeightsOfATypeThatMayLoseSomething_AreRefusedByName(ElementType type)
    {
        using var one = new OneThread();
        var tensors = NetworkState.Export(States(seed: 1)).ToDictionary(tensor => tensor.Name);
        var shape = tensors[Weight].Shape;
        var count = (int)shape.Aggregate((product, length) => product * length);
        tensors[Weight] = new SafeTensor(Weight, type, shape, new byte[count * type.BitCount() / 8]);

        var problem = Assert.Throws<CheckpointException>(() => NetworkState.Import(States(seed: 2), tensors, "file"));

        Assert.Contains($"\"{Weight}\": wrong element type: expected F32 or one that it holds exactly, got {type}", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ElementType.I8, 0x80, -128L)]
    [InlineData(ElementType.U8, 0x80, 128L)]
    [InlineData(ElementType.I16, 0x80, -32768L)]
    [InlineData(ElementType.U16, 0x80, 32768L)]
    [InlineData(ElementType.I32, 0x80, -2147483648L)]
    [InlineData(ElementType.U32, 0x80, 2147483648L)]
    public void Import_NarrowerCounts_AreTheSameNumbers(ElementType type, byte highest, long number)
    {
        using var one = new OneThread();
        const string count = "0.0.bn.num_batches_tracked";
        var tensors = NetworkState.Export(States(seed: 1)).ToDictionary(tensor => tensor.Name);
        tensors[count] = new SafeTensor(count, type, [], new byte[(type.BitCount() / 8) - 1].Append(highest).ToArray());
        var states = States(seed: 2);

        NetworkState.Import(states, tensors, "test");

        Assert.Equal([number], NetworkState.Export(states).Single(tensor => tensor.Name == count).Values<long>().ToArray());
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("unexpected")]
    [InlineData("shape")]
    [InlineData("type")]
    public void Import_WrongInOnePlace_NamesTheKeyAndChangesNothing(string fault)
    {
        using var one = new OneThread();
        var tensors = NetworkState.Export(States(seed: 1)).ToDictionary(tensor => tensor.Name);
        var key = Break(tensors, fault);
        var states = States(seed: 2);
        var before = NetworkState.Export(states);

        var whole = Assert.Throws<CheckpointException>(() => NetworkState.Import(states, tensors, "file", whole: true));
        var part = Assert.Throws<CheckpointException>(() => NetworkState.Import(states, tensors, "file", whole: false));

        Assert.All([whole, part], problem => Assert.Contains($"\"{key}\"", problem.Message, StringComparison.Ordinal));
        Assert.Equal(before.Select(tensor => tensor.Data.ToArray()), NetworkState.Export(states).Select(tensor => tensor.Data.ToArray()));
    }

    public static TheoryData<Optimizer, string[]> Optimizers { get; } = new()
    {
        { new Sgd(), [""] },
        { new AdamW(), [".exp_avg", ".exp_avg_sq"] },
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void OptimizerState_ExportedAndImported_HasTorchsKeysAndTheValues(Optimizer optimizer, string[] suffixes)
    {
        using var one = new OneThread();
        var (states, other) = (Trained(), Trained());
        for (var i = 0; i < suffixes.Length; i++)
        {
            states[0].Parameters[0].OptimizerState[i].fill_(0.25 + i);
        }

        NetworkState.ImportOptimizer(other, suffixes, NetworkState.ExportOptimizer(states, suffixes).ToDictionary(tensor => tensor.Name), "test");

        var exported = NetworkState.ExportOptimizer(other, suffixes);
        Assert.Equal(
            states.SelectMany(state => state.Parameters).SelectMany(parameter => suffixes.Select(suffix => parameter.Key + suffix)),
            exported.Select(tensor => tensor.Name));
        Assert.All(suffixes.Index(), suffix => Assert.All(exported[suffix.Index].Values<float>().ToArray(), value => Assert.Equal(0.25f + suffix.Index, value)));

        IReadOnlyList<LayerState> Trained()
        {
            var fresh = States(seed: 1);
            return [.. fresh.Select(state => new LayerOwner(state, optimizer).State)];
        }
    }

    [Fact]
    public void OptimizerState_OfAnotherOptimizer_IsRefusedByItsKeys()
    {
        using var one = new OneThread();
        var states = States(seed: 1).Select(state => new LayerOwner(state, new AdamW()).State).ToList();
        var momenta = States(seed: 1).Select(state => new LayerOwner(state, new Sgd()).State).ToList();

        var refused = Assert.Throws<CheckpointException>(() => NetworkState.ImportOptimizer(
            states, new AdamW().StateSuffixes, NetworkState.ExportOptimizer(momenta, [""]).ToDictionary(tensor => tensor.Name), "optimizer.safetensors"));

        Assert.Contains(".exp_avg\": missing key", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SharedBetaOfVgg_ExportedAsTheReferencesStateDict_StandsUnderEveryUse()
    {
        using var one = new OneThread();
        var network = Architectures.Build("vgg11-lcnn", new ImageShape(1, 16, 16), 10);
        var beta = network.Layers.OfType<BetaLayer>().Single().Initialize(seed: 1, Precision.Full);

        var exported = NetworkState.Export([beta]).ToDictionary(tensor => tensor.Name);

        // models/vgg_spectral.py:36-47: one activation object after each of the ten convolutions.
        string[] keys = ["1.log_beta", "3.log_beta", "6.log_beta", "8.log_beta", "11.log_beta", "13.log_beta", "16.log_beta", "18.log_beta", "21.log_beta", "23.log_beta"];
        Assert.Equal(keys, exported.Keys);
        NetworkState.Import([beta], exported, "test");
        NetworkState.Import([beta], new Dictionary<string, SafeTensor> { [keys[0]] = exported[keys[0]] }, "test");
        exported[keys[4]] = SafeTensor.Create<float>(keys[4], [0.5f]);
        Assert.Contains(keys[4], Assert.Throws<CheckpointException>(() => NetworkState.Import([beta], exported, "test")).Message, StringComparison.Ordinal);
    }

    private static LayerState[] States(long seed, Precision precision = Precision.Full) =>
        ResidualNetwork.Build(new ImageShape(1, 6, 6), 3, [2, 4], [1, 1]).Initialize(seed, precision);

    private static string Break(Dictionary<string, SafeTensor> tensors, string fault)
    {
        switch (fault)
        {
            case "missing":
                tensors.Remove(Weight);
                return Weight;
            case "unexpected":
                tensors["0.0.conv.weight"] = SafeTensor.Create<float>("0.0.conv.weight", [1f]);
                return "0.0.conv.weight";
            case "shape":
                tensors[Weight] = SafeTensor.Create<float>(Weight, new float[9], 1, 9);
                return Weight;
            default:
                tensors[Weight] = SafeTensor.Create<double>(Weight, new double[tensors[Weight].Shape.Aggregate(1L, (product, size) => product * size)], [.. tensors[Weight].Shape]);
                return Weight;
        }
    }
}
