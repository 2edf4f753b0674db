namespace Lcnn.Distributed.Data.Series;

/// <summary>Where a history ends.</summary>
/// <param name="RunId">The run that made the newest part.</param>
/// <param name="LastSequence">Number of its newest event there.</param>
/// <param name="Step">Steps done by then.</param>
public readonly record struct SeriesEnd(string RunId, long LastSequence, long Step)
{
    /// <summary>Where it ends with a block behind it.</summary>
    public SeriesEnd With(SeriesBlock block) => new(block.RunId, block.LastSequence, block.Steps is [.., var last] ? last : Step);
}
