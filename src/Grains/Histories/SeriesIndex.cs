using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Series;

namespace Lcnn.Distributed.Grains.Histories;

/// <summary>What is remembered of the history in a run's folder: a look at a run, or at a part of it, reads the blocks that are new and those at its ends.</summary>
/// <remarks>It is not for several threads at once.</remarks>
internal sealed class SeriesIndex(string path)
{
    private const int MostKept = 65_536; // steps of some 50 bytes

    private readonly List<Part> _parts = [];
    private readonly Dictionary<long, SeriesBlock> _kept = []; // by their place
    private readonly Queue<long> _order = new();
    private int _keptSize;
    private BlockPlace? _read;
    private SeriesJoin _join = new();
    private SeriesSummary _summary = new();

    /// <summary>Where the history ends that has been read.</summary>
    public SeriesEnd End { get; private set; }

    /// <summary>Reads what was written since; all of it again, where what was read before has gone.</summary>
    /// <exception cref="DataFileException">It is damaged; what is before stays.</exception>
    public void Refresh()
    {
        if (_read is not null && !SeriesFile.Has(path, _read))
        {
            _parts.Clear();
            _kept.Clear();
            _order.Clear();
            (_keptSize, _read, _join, _summary, End) = (0, null, new SeriesJoin(), new SeriesSummary(), default);
        }

        foreach (var (place, stored) in File.Exists(path) ? SeriesFile.ReadAfter(path, _read) : [])
        {
            if (_join.Take(stored) is { } block)
            {
                _parts.Add(new Part(place, End.Step, block.Steps is [.., var last] ? last : End.Step, block.Notes.Count > 0, block.RunId, block.LastSequence));
                _summary.Add(block);
                End = End.With(block);
            }

            _read = place;
        }
    }

    /// <summary>Gives the steps that are asked for.</summary>
    /// <exception cref="DataFileException">It is damaged since.</exception>
    public void FillIn(SeriesBuckets buckets)
    {
        var (width, from, to) = (_summary.Width, buckets.From, Math.Min(buckets.To, End.Step));
        var (before, end) = ((from + width - 2) / width * width, to / width * width);
        if (buckets.Width < width || before >= end)
        {
            FillIn(buckets, from, to);
            return;
        }

        FillIn(buckets, from, before);
        _summary.FillIn(buckets, before + 1, end);
        FillIn(buckets, end + 1, to);
    }

    /// <summary>The blocks that tell of more than steps.</summary>
    /// <exception cref="DataFileException">It is damaged since.</exception>
    public IEnumerable<SeriesBlock> WithNotes() => _parts.Where(part => part.HasNotes).Select(Read);

    /// <summary>Those of one run, in which there may be something after an event of its log.</summary>
    /// <exception cref="DataFileException">It is damaged since.</exception>
    public IEnumerable<SeriesBlock> WithNotes(string runId, long after) =>
        _parts.Where(part => part.HasNotes && part.LastSequence > after && part.RunId == runId).Select(Read);

    private void FillIn(SeriesBuckets buckets, long first, long last)
    {
        foreach (var part in _parts.SkipWhile(part => part.Last < first).TakeWhile(part => part.After < last))
        {
            buckets.Add(Read(part).Within(first - 1, last));
        }
    }

    // What is asked for is kept, for it is asked for again; all of a long history never is.
    private SeriesBlock Read(Part part) => _kept.TryGetValue(part.Place.Offset, out var kept)
        ? kept
        : Keep(part.Place, SeriesFile.ReadAfter(path, part.Place.Before).First().Block.Within(part.After, part.Last));

    private SeriesBlock Keep(BlockPlace place, SeriesBlock block)
    {
        _kept[place.Offset] = block;
        _order.Enqueue(place.Offset);
        for (_keptSize += SizeOf(block); _keptSize > MostKept;)
        {
            _kept.Remove(_order.Dequeue(), out var oldest);
            _keptSize -= SizeOf(oldest!);
        }

        return block;
    }

    // In steps, as which its notes count too.
    private static int SizeOf(SeriesBlock block) => block.Steps.Count + (32 * block.Notes.Count) + 16;

    // Steps after one and up to another.
    private readonly record struct Part(BlockPlace Place, long After, long Last, bool HasNotes, string RunId, long LastSequence);
}
