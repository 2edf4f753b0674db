namespace Lcnn.Distributed.Data.Own;

// Shape suffixes: C channels, H height, W width.

/// <summary>The decoded samples of one part of a set, of any sizes.</summary>
internal sealed class DecodedPart
{
    private readonly List<DecodedImage> _images = [];

    /// <summary>In the set's order.</summary>
    public IReadOnlyList<DecodedImage> Images => _images;

    /// <summary>Bytes of all of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds one.</summary>
    public void Add(DecodedImage image)
    {
        _images.Add(image);
        Bytes += image.Planes_CHW.Length;
    }
}

/// <summary>A decoded sample.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Label">From 0.</param>
/// <param name="Planes_CHW">Channel after channel.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal sealed record DecodedImage(string Name, int Label, byte[] Planes_CHW, int Channels, int Height, int Width);
