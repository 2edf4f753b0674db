using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Series;

namespace Lcnn.Distributed.Grains.Histories;

/// <summary>Sorts the steps of a run's history into buckets of a width, a power of two: the smallest and the largest of each are kept, so that no spike is lost.</summary>
internal sealed class SeriesBuckets
{
    private readonly SeriesQuery _query;
    private readonly long _lastStep;
    private readonly long _to;
    private readonly long _width = 1;
    private readonly List<long> _steps = [];
    private readonly List<long> _times = [];
    private readonly string[] _fields;
    private readonly List<Range>[] _ranges;

    /// <param name="query">Without problems.</param>
    /// <param name="lastStep">Newest step of the run.</param>
    public SeriesBuckets(SeriesQuery query, long lastStep)
    {
        (_query, _lastStep) = (query, lastStep);
        _to = query.To == 0 ? lastStep : Math.Min(query.To, lastStep);
        while (BucketOf(_to) - BucketOf(query.From) >= query.Points)
        {
            _width *= 2;
        }

        _fields = query.Fields.Count > 0 ? [.. query.Fields.Distinct()] : [.. SeriesWindow.FieldNames];
        _ranges = [.. _fields.Select(_ => new List<Range>())];
    }

    /// <summary>Takes steps that come after all those before.</summary>
    public void Add(SeriesBlock block)
    {
        if (block.Steps.Count == 0 || block.Steps[0] > _to || block.Steps[^1] < _query.From)
        {
            return;
        }

        var columns = Array.ConvertAll(_fields, block.ColumnOf);
        for (var i = 0; i < block.Steps.Count; i++)
        {
            if (block.Steps[i] >= _query.From && block.Steps[i] <= _to)
            {
                Add(block, i, columns);
            }
        }
    }

    /// <summary>All buckets.</summary>
    public SeriesWindow Window(string runId) => new()
    {
        RunId = runId,
        LastStep = _lastStep,
        Width = _width,
        Steps = _steps,
        Times = _times,
        Columns = [.. _fields.Zip(_ranges, (field, ranges) => new SeriesColumn(
            field, ranges.ConvertAll(range => range.Minimum), ranges.ConvertAll(range => range.Maximum), ranges.ConvertAll(range => range.Sum / range.Count)))],
    };

    private long BucketOf(long step) => (step - 1) / _width;

    private void Add(SeriesBlock block, int place, int[] columns)
    {
        var step = block.Steps[place];
        var isFirst = _steps.Count == 0 || BucketOf(step) > BucketOf(_steps[^1]);
        if (isFirst)
        {
            _steps.Add(step);
            _times.Add(block.Times[place]);
        }

        for (var field = 0; field < columns.Length; field++)
        {
            var range = isFirst ? Range.Nothing : _ranges[field][^1];
            range = range.With(columns[field] < 0 ? float.NaN : block.Values[columns[field]][place]);
            if (isFirst)
            {
                _ranges[field].Add(range);
            }
            else
            {
                _ranges[field][^1] = range;
            }
        }
    }

    private readonly record struct Range(double Minimum, double Maximum, double Sum, int Count)
    {
        public static Range Nothing => new(double.NaN, double.NaN, double.NaN, 0);

        // What is no number is passed over, but for infinities: those are what charts are looked at for.
        public Range With(double value) => double.IsNaN(value) ? this
            : Count == 0 ? new Range(value, value, value, 1)
            : new Range(Math.Min(Minimum, value), Math.Max(Maximum, value), Sum + value, Count + 1);
    }
}
