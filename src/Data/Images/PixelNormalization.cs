using System.Globalization;

namespace Lcnn.Distributed.Data.Images;

/// <summary>Mean and deviation by which values are shifted and scaled: (value - mean) / deviation, one pair for all channels or one for each.</summary>
public sealed class PixelNormalization : IEquatable<PixelNormalization>
{
    private readonly float[] _means;
    private readonly float[] _deviations;

    /// <summary>As many means as deviations.</summary>
    /// <exception cref="ArgumentException">There are none or not as many, or a deviation is not above zero.</exception>
    public PixelNormalization(IReadOnlyList<double> means, IReadOnlyList<double> deviations)
    {
        if (means.Count == 0 || means.Count != deviations.Count || deviations.Any(deviation => !(deviation > 0)))
        {
            throw new ArgumentException($"expected as many means as deviations above zero, got {means.Count} and {deviations.Count}");
        }

        _means = [.. means.Select(mean => (float)mean)];
        _deviations = [.. deviations.Select(deviation => (float)deviation)];
    }

    /// <summary>Pairs: 1 or as many as there are channels.</summary>
    public int Count => _means.Length;

    /// <summary>Subtracted, one for all channels or one for each.</summary>
    public IReadOnlyList<float> Means => _means;

    /// <summary>By which it is divided.</summary>
    public IReadOnlyList<float> Deviations => _deviations;

    /// <summary>A value of a channel.</summary>
    public float Apply(float value, int channel)
    {
        var pair = Count == 1 ? 0 : channel;
        return (value - _means[pair]) / _deviations[pair];
    }

    /// <summary>As options have it: means, a slash, deviations.</summary>
    public override string ToString() => $"{List(_means)}/{List(_deviations)}";

    /// <inheritdoc/>
    public bool Equals(PixelNormalization? other) =>
        other is not null && _means.AsSpan().SequenceEqual(other._means) && _deviations.AsSpan().SequenceEqual(other._deviations);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PixelNormalization);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, _means[0], _deviations[0]);

    private static string List(float[] values) => string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
