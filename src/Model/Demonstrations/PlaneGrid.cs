namespace Lcnn.Distributed.Model.Demonstrations;

/// <summary>Points of the plane in rows, the first row at the top.</summary>
/// <param name="Width">Points of a row.</param>
/// <param name="Height">Rows.</param>
public sealed record PlaneGrid(int Width, int Height)
{
    /// <summary>The part of the plane: left, right, bottom, top.</summary>
    public static (double Left, double Right, double Bottom, double Top) Bounds => (-1.7, 2.7, -1.3, 1.8);

    /// <summary>All points, x and y each.</summary>
    internal float[] Points()
    {
        var points = new float[2 * Width * Height];
        for (var place = 0; place < Width * Height; place++)
        {
            points[2 * place] = (float)(Bounds.Left + ((place % Width) + 0.5) / Width * (Bounds.Right - Bounds.Left));
            points[(2 * place) + 1] = (float)(Bounds.Top - ((place / Width) + 0.5) / Height * (Bounds.Top - Bounds.Bottom));
        }

        return points;
    }
}
