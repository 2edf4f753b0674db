using System.Runtime.InteropServices;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Model.Exchange;

/// <summary>Makes convolutions with biases out of convolutions with batch norms: W g/s and b + (c - m) g/s, where s is the root of variance + 1e-5.</summary>
/// <remarks>Computed in float64 and rounded once. Where there is no batch norm the convolution's own weight and bias are taken.</remarks>
internal sealed class BatchNormFolding(IReadOnlyDictionary<string, SafeTensor> given)
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    public IReadOnlyDictionary<string, SafeTensor> Given => given;

    /// <summary>What came out, by our keys.</summary>
    public Dictionary<string, SafeTensor> Made { get; } = new(StringComparer.Ordinal);

    /// <summary>Batch norms that were folded.</summary>
    public int Folded { get; private set; }

    /// <summary>Folds one convolution.</summary>
    /// <returns>Shape of the weight; all ones where it is missing.</returns>
    public IReadOnlyList<long> Conv(string conv, string norm, string to)
    {
        if (Take($"{conv}.weight") is not { Shape.Count: 4 } weight)
        {
            return [1, 1, 1, 1];
        }

        var channels = weight.Shape[0];
        var bias = given.ContainsKey($"{conv}.bias") ? Values(Take($"{conv}.bias", channels)) : null;
        var (scale, shift) = (Enumerable.Repeat(1.0, (int)channels).ToArray(), bias ?? new double[channels]);
        if (given.Keys.Any(key => key.StartsWith($"{norm}.", StringComparison.Ordinal)) || bias is null)
        {
            var (mean, variance) = (Values(Take($"{norm}.running_mean", channels)), Values(Take($"{norm}.running_var", channels)));
            var (gain, offset) = (Values(Take($"{norm}.weight", channels)), Values(Take($"{norm}.bias", channels)));
            _used.Add($"{norm}.num_batches_tracked");
            if (mean is null || variance is null || gain is null || offset is null)
            {
                return weight.Shape;
            }

            Folded++;
            scale = [.. gain.Zip(variance, (g, v) => g / Math.Sqrt(v + LipschitzBatchNorm.Epsilon))];
            shift = [.. shift.Select((c, i) => offset[i] + ((c - mean[i]) * scale[i]))];
        }

        var values = Values(weight)!;
        var each = values.Length / Math.Max(1, (int)channels);
        Add($"{to}.conv.weight", [.. values.Select((value, i) => value * scale[i / each])], weight.Shape);
        Add($"{to}.conv.bias", shift, [channels]);
        return weight.Shape;
    }

    /// <summary>Takes a linear layer as it is.</summary>
    public void Linear(string from, string to)
    {
        var weight = Take($"{from}.weight");
        if (weight is { Shape: [var classes, _] } && Take($"{from}.bias", classes) is { } bias)
        {
            Add($"{to}.weight", Values(weight)!, weight.Shape);
            Add($"{to}.bias", Values(bias)!, bias.Shape);
        }
    }

    /// <exception cref="CheckpointException">Something was missing, left over or of another shape.</exception>
    public void Check(string source, string form)
    {
        _problems.AddRange(given.Keys.Where(key => !_used.Contains(key)).Order(StringComparer.Ordinal).Select(key => $"unexpected {CheckpointException.Quote(key)}"));
        TensorProblems.ThrowIfAny(_problems, source, form);
    }

    private SafeTensor? Take(string key, long? channels = null)
    {
        if (!given.TryGetValue(key, out var tensor))
        {
            _problems.Add($"missing {CheckpointException.Quote(key)}");
            return null;
        }

        _used.Add(key);
        if (channels is not null && !(tensor.Shape is [var count] && count == channels))
        {
            _problems.Add($"{CheckpointException.Quote(key)} of shape [{string.Join(", ", tensor.Shape)}] instead of [{channels}]");
            return null;
        }

        if (!Widening.IsExact(tensor.DType, ElementType.F64))
        {
            _problems.Add($"{CheckpointException.Quote(key)} of {tensor.DType} instead of floating-point numbers");
            return null;
        }

        return tensor;
    }

    private void Add(string key, double[] values, IReadOnlyList<long> shape) =>
        Made[key] = SafeTensor.Create<float>(key, Array.ConvertAll(values, value => (float)value), [.. shape]);

    private static double[]? Values(SafeTensor? tensor) =>
        tensor is null ? null : MemoryMarshal.Cast<byte, double>(Widening.Read(tensor, ElementType.F64)).ToArray();
}
