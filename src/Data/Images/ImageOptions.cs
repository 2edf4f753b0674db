namespace Lcnn.Distributed.Data.Images;

/// <summary>How a user's own images become samples.</summary>
public sealed record ImageOptions
{
    /// <summary>Rows and columns to which images are resized and cropped; null takes them as they are.</summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>Whether colour becomes grey.</summary>
    public bool Grayscale { get; init; }

    /// <summary>Applied to values, which are pixel / 255 before; null for none.</summary>
    public PixelNormalization? Normalization { get; init; }

    /// <summary>Share of each class that makes the test set where there is none; 0 for a set that has one.</summary>
    public double Split { get; init; }

    /// <summary>Which samples those are.</summary>
    public long SplitSeed { get; init; }

    /// <summary>Whether images that cannot be used are left out instead of refusing the set.</summary>
    public bool SkipBad { get; init; }
}
