using System.Globalization;
using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Networks;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Own;

/// <summary>Holds the passes of an operation of a program's own to difference quotients of its forward pass, in float64: for the tests of whoever writes one.</summary>
public sealed class OperationCheck
{
    private const double Step = 1e-5;
    private const double Tolerance = 1e-6;
    private const int Samples = 3;

    private readonly OwnLayer _layer;
    private readonly List<Tensor> _values; // x and the parameters
    private RandomSource _draws;

    private OperationCheck(OwnLayer layer, long seed)
    {
        (_layer, layer.Index, _draws) = (layer, 0, RandomSource.For(seed, RandomPurpose.Weights));
        _values = [Normal(layer.Input.Of(Samples)), .. layer.Parameters.Select((parameter, place) => OwnLayer.Draw(parameter, RandomSource.For(seed, RandomPurpose.Weights, 0, 1 + place), ScalarType.Float64))];
    }

    private IEnumerable<int> Learning => Enumerable.Range(1, _layer.Parameters.Count).Where(value => _layer.Parameters[value - 1].Learns);

    /// <summary>Runs every pass on random samples and compares.</summary>
    /// <param name="kind">The operation.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="arguments">As in a description; defaults for those left out.</param>
    /// <param name="seed">Of the samples, slopes and parameters.</param>
    /// <exception cref="OwnOperationException">A pass gives something else; the message names it, with expected and got.</exception>
    /// <exception cref="ArgumentException">The arguments or the input do not fit the operation.</exception>
    public static void Verify(OwnLayerKind kind, SampleShape input, IReadOnlyList<(string Name, object Value)>? arguments = null, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var elements = new OwnLayerKinds(kind).Elements;
        var description = NetworkLayers.Describe("check", network => network.Add(kind.Name, arguments ?? []).Classes(), elements);
        var (plan, problems) = NetworkPlan.Of(description, new Dictionary<string, long>(), classes: 2, elements);
        if (plan is null)
        {
            throw new ArgumentException(string.Join("; ", problems), nameof(arguments));
        }

        using var scope = NewDisposeScope();
        new OperationCheck(new OwnLayer(kind, plan.Layers[0], input), seed).Run();
    }

    private void Run()
    {
        var (g, h, total) = (Normal(_layer.Output.Of(Samples)), Normal(_layer.Input.Of(Samples)), Normal(_layer.Output.Of(Samples)));
        using (var plain = new OwnOperation(_layer, _values[1..]))
        {
            plain.Forward(_values[0]);
            CompareSlopes("the backward pass without the others", values => Dot(Forward(values), total), Backward(plain, total));
        }

        using var operation = new OwnOperation(_layer, _values[1..]);
        operation.Forward(_values[0]);
        var slope = operation.BackwardToInput(g);
        Compare("the backward pass to its input", 0, values => Dot(Forward(values), g), slope);

        operation.Adjoint(Normal(_layer.Input.Of(Samples)));
        var adjoint = operation.Adjoint(h); // the last one counts
        Compare("the adjoint of the backward pass", Quotient(h), adjoint);
        CompareSlopes("the backward pass after the adjoint", values => SlopeAlong(values, g, h) + Dot(Forward(values), total), Backward(operation, total));
    }

    private Tensor[] Backward(Operation operation, Tensor total)
    {
        using var gradients = new ParameterGradients([_layer]);
        var slope = operation.Backward(total, gradients)!;
        return [slope, .. _layer.Parameters.Count == 0 ? [] : gradients.Take(0)];
    }

    private void CompareSlopes(string pass, Func<IReadOnlyList<Tensor>, double> function, Tensor[] slopes)
    {
        Compare(pass, 0, function, slopes[0]);
        foreach (var value in Learning)
        {
            Compare($"{pass}, the gradient of '{_layer.Parameters[value - 1].Name}'", value, function, slopes[value]);
        }
    }

    // Along three directions.
    private void Compare(string pass, int value, Func<IReadOnlyList<Tensor>, double> function, Tensor slope)
    {
        for (var turn = 0; turn < 3; turn++)
        {
            var direction = Normal(_values[value].shape);
            var expected = (function(Moved(value, direction, Step)) - function(Moved(value, direction, -Step))) / (2 * Step);
            var got = Dot(slope, direction);
            if (!(Math.Abs(expected - got) <= Tolerance * Math.Max(1, Math.Abs(expected))))
            {
                throw Differs(pass, $"expected {Text(expected)} along a direction, the difference quotient, got {Text(got)}");
            }
        }
    }

    private void Compare(string pass, Tensor expected, Tensor got)
    {
        var distance = expected.PlusScaled(got, -1).norm().ReadDouble();
        if (!(distance <= Tolerance * Math.Max(1, expected.norm().ReadDouble())))
        {
            throw Differs(pass, $"expected the difference quotient of the forward pass, got what lies {Text(distance)} from it, of length {Text(expected.norm().ReadDouble())}");
        }
    }

    private double SlopeAlong(IReadOnlyList<Tensor> values, Tensor g, Tensor h)
    {
        using var operation = new OwnOperation(_layer, [.. values.Skip(1)]);
        operation.Forward(values[0]);
        return Dot(operation.BackwardToInput(g), h);
    }

    private Tensor Quotient(Tensor direction) => Forward(Moved(0, direction, Step)).PlusScaled(Forward(Moved(0, direction, -Step)), -1).Times(1 / (2 * Step));

    private Tensor Forward(IReadOnlyList<Tensor> values)
    {
        using var operation = new OwnOperation(_layer, [.. values.Skip(1)]);
        return operation.Forward(values[0]);
    }

    private List<Tensor> Moved(int value, Tensor direction, double step) =>
        [.. _values.Select((held, index) => index == value ? TensorLayout.InKernelOrder(held.PlusScaled(direction, step)) : held)];

    private Tensor Normal(long[] shape) => OwnLayer.Draw(LayerParameter.Normal("numbers", 1, shape), RandomSource.For((long)_draws.NextUInt64(), RandomPurpose.Weights), ScalarType.Float64);

    private static double Dot(Tensor a, Tensor b) => (a * b).sum().ReadDouble();

    private static string Text(double number) => number.ToString("G9", CultureInfo.InvariantCulture);

    private OwnOperationException Differs(string pass, string problem) => new($"operation '{_layer.Kind.Name}' on {_layer.Input}, {pass}: {problem}");
}
