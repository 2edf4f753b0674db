namespace Lcnn.Distributed.Data.Matlab;

/// <summary>An array of numbers out of a MATLAB file; the first index runs fastest.</summary>
/// <param name="Shape">Sizes.</param>
/// <param name="ItemType">What the elements are stored as.</param>
/// <param name="Data">The elements.</param>
internal sealed record MatArray(IReadOnlyList<int> Shape, MatItemType ItemType, byte[] Data)
{
    /// <summary>Elements.</summary>
    public int Count => Data.Length / ItemType.ByteCount();
}
