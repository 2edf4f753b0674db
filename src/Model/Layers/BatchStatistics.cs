using Lcnn.Distributed.Data.Wire;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>Count, means and sums of squared deviations per channel of one batch norm's input over some shards.</summary>
/// <remarks>Merging two is Chan et al. 1979; merged along the summation tree, the result does not depend on who computed what.</remarks>
public sealed class BatchStatistics
{
    private readonly double[] _mean;
    private readonly double[] _deviation;

    private BatchStatistics(double count, double[] mean, double[] deviation)
    {
        Count = count;
        _mean = mean;
        _deviation = deviation;
    }

    /// <summary>Values per channel: samples times height times width.</summary>
    public double Count { get; }

    /// <summary>Mean per channel over samples, rows and columns.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>From a shard's own mean and unbiased variance.</summary>
    public static BatchStatistics Of(double count, ReadOnlySpan<double> mean, ReadOnlySpan<double> unbiasedVariance)
    {
        var deviation = new double[mean.Length];
        for (var c = 0; c < deviation.Length; c++)
        {
            deviation[c] = unbiasedVariance[c] * (count - 1);
        }

        return new BatchStatistics(count, mean.ToArray(), deviation);
    }

    /// <summary>From a shard's own mean and sum of squared deviations.</summary>
    public static BatchStatistics OfDeviations(double count, double[] mean, double[] deviation) => new(count, mean, deviation);

    /// <summary>The statistics of both batches together; the order of the two matters for the last bit.</summary>
    public static BatchStatistics Merge(BatchStatistics left, BatchStatistics right)
    {
        var count = left.Count + right.Count;
        var mean = new double[left._mean.Length];
        var deviation = new double[mean.Length];
        for (var c = 0; c < mean.Length; c++)
        {
            var delta = right._mean[c] - left._mean[c];
            mean[c] = left._mean[c] + (delta * right.Count / count);
            deviation[c] = left._deviation[c] + right._deviation[c] + (delta * delta * left.Count * right.Count / count);
        }

        return new BatchStatistics(count, mean, deviation);
    }

    /// <summary>Unbiased variance per channel, as torch's running update takes it.</summary>
    public double UnbiasedVariance(int channel) => _deviation[channel] / (Count - 1);

    /// <summary>Biased variance per channel, which batch norm normalises by.</summary>
    public double BiasedVariance(int channel) => _deviation[channel] / Count;

    /// <summary>Statistics that another rank wrote.</summary>
    /// <exception cref="WireFormatException">They are not.</exception>
    public static BatchStatistics Read(WireReader reader)
    {
        var (count, mean, deviation) = (reader.ReadDouble(), reader.ReadDoubles(), reader.ReadDoubles());
        return mean.Length == deviation.Length
            ? new BatchStatistics(count, mean, deviation)
            : throw new WireFormatException($"{mean.Length} means and {deviation.Length} deviations");
    }

    /// <summary>Writes every bit.</summary>
    public void Write(WireWriter writer)
    {
        writer.WriteDouble(Count);
        writer.WriteDoubles(_mean);
        writer.WriteDoubles(_deviation);
    }
}
