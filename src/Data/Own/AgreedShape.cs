using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Own;

/// <summary>The one shape that all decoded images of a set have, grey ones among colour counting as colour, and the largest label.</summary>
internal sealed class AgreedShape(string path)
{
    private DecodedImage? _first;
    private string? _other;

    /// <summary>Of the widest image.</summary>
    public int Channels { get; private set; }

    /// <summary>Rows of all.</summary>
    public int Height => _first?.Height ?? 0;

    /// <summary>Columns of all.</summary>
    public int Width => _first?.Width ?? 0;

    /// <summary>Elements of an image.</summary>
    public long Length => (long)Channels * Height * Width;

    /// <summary>One more than the largest label.</summary>
    public int LabelCount { get; private set; }

    /// <summary>Whether all so far are of one size.</summary>
    public bool Agrees => _other is null;

    /// <summary>Adds an image, in the set's order.</summary>
    public void Add(DecodedImage image)
    {
        _first ??= image with { Planes_CHW = [] };
        Channels = Math.Max(Channels, image.Channels);
        LabelCount = Math.Max(LabelCount, image.Label + 1);
        if ((image.Height, image.Width) != (Height, Width))
        {
            _other ??= $"{image.Name} of {image.Height}x{image.Width}";
        }
    }

    /// <summary>Refuses a set without images, or with images of several sizes.</summary>
    /// <exception cref="DataFileException">It is one.</exception>
    public void ThrowUnlessOne()
    {
        if (_first is null)
        {
            throw new DataFileException(path, "images", "none that can be used", "Name a folder or file with images");
        }

        if (_other is not null)
        {
            throw new DataFileException(
                path, "images of one size", $"{_first.Name} of {Height}x{Width} and {_other}", "Say to which height and width they are to be resized, as in --image-size 32x32");
        }
    }
}
