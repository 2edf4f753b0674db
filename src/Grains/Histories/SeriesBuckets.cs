using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Series;

namespace Lcnn.Distributed.Grains.Histories;

/// <summary>Sorts the steps of a run's history into buckets of a width, a power of two: the smallest and the largest of each are kept, so that no spike is lost.</summary>
internal sealed class SeriesBuckets
{
    private readonly long _lastStep;
    private readonly List<long> _steps = [];
    private readonly List<long> _times = [];
    private readonly string[] _fields;
    private readonly int[] _places; // of the fields among all names
    private readonly List<SeriesRange>[] _ranges;

    /// <param name="query">Without problems.</param>
    /// <param name="lastStep">Newest step of the run.</param>
    public SeriesBuckets(SeriesQuery query, long lastStep)
    {
        (_lastStep, From) = (lastStep, query.From);
        To = query.To == 0 ? lastStep : Math.Min(query.To, lastStep);
        while (BucketOf(To) - BucketOf(From) >= query.Points)
        {
            Width *= 2;
        }

        _fields = query.Fields.Count > 0 ? [.. query.Fields.Distinct()] : [.. SeriesWindow.FieldNames];
        _places = Array.ConvertAll(_fields, field => SeriesWindow.FieldNames.ToList().IndexOf(field));
        _ranges = [.. _fields.Select(_ => new List<SeriesRange>())];
    }

    /// <summary>First step that is asked for.</summary>
    public long From { get; }

    /// <summary>Last step that is asked for, and that there may be.</summary>
    public long To { get; }

    /// <summary>Steps of a bucket.</summary>
    public long Width { get; } = 1;

    /// <summary>Takes steps that come after all those before.</summary>
    public void Add(SeriesBlock block)
    {
        if (block.Steps.Count == 0 || block.Steps[0] > To || block.Steps[^1] < From)
        {
            return;
        }

        var columns = Array.ConvertAll(_fields, block.ColumnOf);
        for (var i = 0; i < block.Steps.Count; i++)
        {
            if (block.Steps[i] >= From && block.Steps[i] <= To)
            {
                var isFirst = Begin(block.Steps[i], block.Times[i]);
                for (var field = 0; field < columns.Length; field++)
                {
                    Add(field, isFirst, columns[field] < 0 ? SeriesRange.Nothing : SeriesRange.Of(block.Values[columns[field]][i]));
                }
            }
        }
    }

    /// <summary>Takes the steps of a bucket that is no wider, all of them asked for.</summary>
    /// <param name="step">Its first step.</param>
    /// <param name="time">When that was logged.</param>
    /// <param name="ranges">Its values, in the order of <see cref="SeriesWindow.FieldNames"/>.</param>
    public void Add(long step, long time, SeriesRange[] ranges)
    {
        var isFirst = Begin(step, time);
        for (var field = 0; field < _places.Length; field++)
        {
            Add(field, isFirst, ranges[_places[field]]);
        }
    }

    /// <summary>All buckets.</summary>
    public SeriesWindow Window(string runId) => new()
    {
        RunId = runId,
        LastStep = _lastStep,
        Width = Width,
        Steps = _steps,
        Times = _times,
        Columns = [.. _fields.Zip(_ranges, (field, ranges) => new SeriesColumn(
            field, ranges.ConvertAll(range => (double)range.Minimum), ranges.ConvertAll(range => (double)range.Maximum), ranges.ConvertAll(range => range.Mean)))],
    };

    private long BucketOf(long step) => (step - 1) / Width;

    private bool Begin(long step, long time)
    {
        var isFirst = _steps.Count == 0 || BucketOf(step) > BucketOf(_steps[^1]);
        if (isFirst)
        {
            _steps.Add(step);
            _times.Add(time);
        }

        return isFirst;
    }

    private void Add(int field, bool isFirst, SeriesRange range)
    {
        var ranges = _ranges[field];
        if (isFirst)
        {
            ranges.Add(range);
        }
        else
        {
            ranges[^1] = ranges[^1].With(range);
        }
    }
}
