namespace Lcnn.Distributed.Data.Series;

/// <summary>Makes one history of stored blocks: what was stored twice, by two writers that did not know of each other, is told once.</summary>
public sealed class SeriesJoin
{
    private readonly Dictionary<string, long> _sequences = [];
    private long _last;

    /// <summary>What is new in the next block; null where nothing is.</summary>
    public SeriesBlock? Take(SeriesBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        if (block.LastSequence <= _sequences.GetValueOrDefault(block.RunId))
        {
            return null;
        }

        _sequences[block.RunId] = block.LastSequence;
        var fresh = block.Within(_last, long.MaxValue);
        _last = fresh.Steps is [.., var newest] ? newest : _last;
        return fresh;
    }
}
