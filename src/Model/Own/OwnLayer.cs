using System.Runtime.InteropServices;
using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Networks;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Own;

/// <summary>A layer of a program's own kind in its place in a network. Its parameters go to the ranks as they are.</summary>
public sealed class OwnLayer : Layer
{
    internal OwnLayer(OwnLayerKind kind, PlannedLayer arguments, SampleShape input) : base(arguments.Path)
    {
        (Kind, Arguments, Input) = (kind, arguments, input);
        Output = kind.OutputOf(input, arguments);
        Parameters = [.. kind.ParametersOf(input, arguments)];
        Check();
        EffectiveShapes = [.. Parameters.Select(parameter => parameter.Shape.ToArray())];
    }

    /// <summary>Its kind.</summary>
    public OwnLayerKind Kind { get; }

    /// <summary>What the description gives.</summary>
    public PlannedLayer Arguments { get; }

    /// <summary>Shape of a sample that comes in.</summary>
    public SampleShape Input { get; }

    /// <summary>Shape of a sample that comes out.</summary>
    public SampleShape Output { get; }

    /// <summary>Its parameters and buffers.</summary>
    public IReadOnlyList<LayerParameter> Parameters { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> EffectiveShapes { get; }

    /// <inheritdoc/>
    public override LayerState Initialize(long seed, Precision precision = Precision.Full) =>
        new State(this, [.. Parameters.Select((parameter, place) => Draw(parameter, RandomSource.For(seed, RandomPurpose.Weights, Index, 1 + place), precision.ToScalarType()))]);

    private void Check()
    {
        if (Output.Channels < 1 || Output.Height < 1 || Output.Width < 1)
        {
            throw new ArgumentException($"expected an output of at least one number, declared are {Output}");
        }

        foreach (var parameter in Parameters)
        {
            if (!OwnLayerKinds.WordPattern().IsMatch(parameter.Name) || parameter.Shape.Any(size => size < 1) || Parameters.Count(other => other.Name == parameter.Name) > 1)
            {
                throw new ArgumentException($"expected parameters with names of their own of letters, digits and '_', and sizes of at least 1, got '{parameter.Name}' of [{string.Join(", ", parameter.Shape)}]");
            }
        }
    }

    internal static Tensor Draw(LayerParameter parameter, RandomSource draws, ScalarType dtype)
    {
        var value = empty([.. parameter.Shape], dtype: dtype);
        if (dtype == ScalarType.Float64)
        {
            foreach (ref var number in MemoryMarshal.Cast<byte, double>(value.bytes))
            {
                number = parameter.Initial(ref draws);
            }
        }
        else
        {
            foreach (ref var number in MemoryMarshal.Cast<byte, float>(value.bytes))
            {
                number = (float)parameter.Initial(ref draws);
            }
        }

        return TensorLayout.InKernelOrder(value);
    }

    private sealed class State(OwnLayer layer, IReadOnlyList<Tensor> values) : LayerState
    {
        public override Layer Layer => layer;

        public override IReadOnlyList<RawParameter> Parameters { get; } =
            [.. layer.Parameters.Zip(values, (parameter, value) => new RawParameter($"{layer.Path}.{parameter.Name}", value, parameter.Decays, parameter.Learns))];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Buffers => [];

        public override Tensor[] Parametrize() => [.. Parameters.Select(parameter => parameter.Value.detach())];

        public override Tensor?[] ChainRule(IReadOnlyList<Tensor> parametrized, IReadOnlyList<Tensor> effectiveGradients) =>
            [.. Parameters.Zip(effectiveGradients, (parameter, gradient) => parameter.Learns ? gradient : null)];
    }
}
