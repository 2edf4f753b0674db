using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>What some shards give to the sums that a batch norm over the whole batch needs in one pass: statistics of x going forward, else sums a channel.</summary>
/// <remarks>Merged along the fixed tree over shards, in double precision, the total has the same bits wherever it was merged (promise P1).</remarks>
public sealed class NormShare
{
    private NormShare(BatchStatistics? statistics, double[] sums) => (Statistics, Sums) = (statistics, sums);

    /// <summary>In the forward pass.</summary>
    internal BatchStatistics? Statistics { get; }

    /// <summary>In the other passes.</summary>
    internal double[] Sums { get; }

    /// <summary>Bytes on a wire, about.</summary>
    public long ByteCount => sizeof(double) * (Sums.Length + (2L * (Statistics?.Mean.Length ?? 0)));

    internal static NormShare Of(BatchStatistics statistics) => new(statistics, []);

    /// <param name="sums">One after the other those of every channel.</param>
    internal static NormShare Of(double[] sums) => new(null, sums);

    /// <summary>left + right; the order matters for the last bit.</summary>
    public static NormShare Merge(NormShare left, NormShare right)
    {
        if (left.Statistics is not null && right.Statistics is not null)
        {
            return new(BatchStatistics.Merge(left.Statistics, right.Statistics), []);
        }

        var sums = new double[left.Sums.Length];
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] = left.Sums[i] + right.Sums[i];
        }

        return new(null, sums);
    }

    /// <summary>The same for every batch norm of a halt.</summary>
    public static NormShare[] Merge(NormShare[] left, NormShare[] right) => [.. left.Zip(right, Merge)];

    /// <summary>A share that another rank wrote.</summary>
    /// <exception cref="WireFormatException">It is not one.</exception>
    public static NormShare Read(WireReader reader) =>
        reader.ReadBoolean() ? Of(BatchStatistics.Read(reader)) : new(null, reader.ReadDoubles());

    /// <summary>Writes every bit.</summary>
    public void Write(WireWriter writer)
    {
        writer.WriteBoolean(Statistics is not null);
        if (Statistics is not null)
        {
            Statistics.Write(writer);
        }
        else
        {
            writer.WriteDoubles(Sums);
        }
    }
}
