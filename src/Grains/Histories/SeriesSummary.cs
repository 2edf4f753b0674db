using System.Runtime.CompilerServices;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Series;

namespace Lcnn.Distributed.Grains.Histories;

/// <summary>A run's steps in buckets whose width doubles as it grows: at most 4 MB, however long the run.</summary>
internal sealed class SeriesSummary
{
    private const int MostBuckets = 16_384;

    private readonly List<Bucket> _buckets = [];

    /// <summary>Steps of a bucket, a power of two.</summary>
    public long Width { get; private set; } = 16;

    /// <summary>Takes steps that come after all those before.</summary>
    public void Add(SeriesBlock block)
    {
        var buckets = new SeriesRange[block.Steps.Count][];
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = BucketOf(block.Steps[i], block.Times[i]);
        }

        for (var field = 0; field < SeriesWindow.FieldNames.Count; field++)
        {
            if (block.ColumnOf(SeriesWindow.FieldNames[field]) is var column and >= 0)
            {
                Add(block.Values[column], field, buckets);
            }
        }

        while (_buckets.Count > MostBuckets)
        {
            Widen();
        }
    }

    /// <summary>Gives its buckets between two steps, of which the first begins one and the last ends one.</summary>
    public void FillIn(SeriesBuckets buckets, long first, long last)
    {
        foreach (var bucket in _buckets.SkipWhile(bucket => bucket.Step < first).TakeWhile(bucket => bucket.Step <= last))
        {
            buckets.Add(bucket.Step, bucket.Time, bucket.Ranges);
        }
    }

    private SeriesRange[] BucketOf(long step, long time)
    {
        if (_buckets is not [.., var last] || (last.Step - 1) / Width < (step - 1) / Width)
        {
            _buckets.Add(last = new Bucket(step, time, [.. SeriesWindow.FieldNames.Select(_ => SeriesRange.Nothing)]));
        }

        return last.Ranges;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // who looks at a long run waits for all its steps
    private static void Add(float[] values, int field, SeriesRange[][] buckets)
    {
        for (var i = 0; i < values.Length;)
        {
            var (ranges, minimum, maximum, sum, count) = (buckets[i], float.PositiveInfinity, float.NegativeInfinity, 0.0, 0);
            for (; i < values.Length && buckets[i] == ranges; i++)
            {
                var value = values[i];
                if (!float.IsNaN(value))
                {
                    (minimum, maximum, sum, count) = (Math.Min(minimum, value), Math.Max(maximum, value), sum + value, count + 1);
                }
            }

            ranges[field] = count == 0 ? ranges[field] : ranges[field].With(new SeriesRange(minimum, maximum, sum, count));
        }
    }

    private void Widen()
    {
        Width *= 2;
        var narrow = _buckets.ToList();
        _buckets.Clear();
        foreach (var bucket in narrow)
        {
            var ranges = BucketOf(bucket.Step, bucket.Time);
            for (var field = 0; field < ranges.Length; field++)
            {
                ranges[field] = ranges[field].With(bucket.Ranges[field]);
            }
        }
    }

    private readonly record struct Bucket(long Step, long Time, SeriesRange[] Ranges);
}
