namespace Lcnn.Distributed.Model.Attacks;

/// <summary>The share of an image that a square covers, by the number of the query: a start that halves at 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000.</summary>
internal static class SquareSchedule
{
    private const double First = 0.8; // p_init
    private static readonly int[] _halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

    /// <summary>Side of the square, in pixels.</summary>
    /// <param name="query">From 0.</param>
    /// <param name="isOdd">Whether it must be odd and 3 at least, as l2's.</param>
    public static int Side(int query, int height, int width, bool isOdd)
    {
        var share = First / (1 << _halvings.Count(halving => query > halving));
        var side = Math.Max((int)Math.Round(Math.Sqrt(share * height * width)), isOdd ? 3 : 1);
        return Math.Min(isOdd && side % 2 == 0 ? side + 1 : side, Math.Min(height, width));
    }
}
