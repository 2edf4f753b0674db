using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The data set that a spec asks for.</summary>
public static class DataSetRequests
{
    /// <summary>Out of a spec that was validated.</summary>
    public static DataSetRequest Of(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new DataSetRequest(spec.Dataset, spec.DataDirectory)
        {
            Images = new ImageOptions
            {
                Size = spec.ImageSize is { } size ? ImageTexts.ParseSize(size) : null,
                Grayscale = spec.Grayscale,
                Normalization = spec.Normalize is { } text && ImageTexts.ParseNormalization(text) is var (means, deviations) ? new PixelNormalization(means, deviations) : null,
                Split = spec.Split,
                SplitSeed = spec.SplitSeed,
                SkipBad = spec.SkipBad,
            },
        };
    }
}
