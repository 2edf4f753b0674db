namespace Lcnn.Distributed.Data.Own;

// Shape suffixes: C channels, H height, W width.

/// <summary>A decoded sample.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Label">From 0.</param>
/// <param name="Planes_CHW">Channel after channel.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal sealed record DecodedImage(string Name, int Label, byte[] Planes_CHW, int Channels, int Height, int Width)
{
    /// <summary>Copies its planes; grey becomes colour of equal ones.</summary>
    public void CopyTo(Span<byte> destination_CHW, int channels)
    {
        if (Channels == channels)
        {
            Planes_CHW.CopyTo(destination_CHW);
            return;
        }

        for (var channel = 0; channel < channels; channel++)
        {
            Planes_CHW.CopyTo(destination_CHW[(channel * Height * Width)..]);
        }
    }
}
