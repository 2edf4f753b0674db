namespace Lcnn.Distributed.Data.Series;

/// <summary>Where a block of a history is in its file.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="End">The byte behind it.</param>
/// <param name="Hash">Its SHA-256.</param>
public sealed record BlockPlace(long Offset, long End, IReadOnlyList<byte> Hash)
{
    /// <summary>What reading goes on after, to begin with this block.</summary>
    public BlockPlace Before => this with { End = Offset };
}
