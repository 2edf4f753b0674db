using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>How images of one's own become samples, as far as that was said; the rest is as in the spec.</summary>
internal sealed record ImageOverrides
{
    /// <summary>Height and width.</summary>
    public string? Size { get; init; }

    /// <summary>Whether they are made grey.</summary>
    public bool Grayscale { get; init; }

    /// <summary>Mean and deviation, or "none".</summary>
    public string? Normalize { get; init; }

    /// <summary>Share that makes the test set.</summary>
    public double? Split { get; init; }

    /// <summary>Which images that takes.</summary>
    public long? SplitSeed { get; init; }

    /// <summary>Whether those that cannot be used are left out.</summary>
    public bool SkipBad { get; init; }

    /// <summary>The spec with these.</summary>
    public RunSpec Apply(RunSpec spec) => spec with
    {
        ImageSize = Size ?? spec.ImageSize,
        Grayscale = Grayscale || spec.Grayscale,
        Normalize = Normalize is null ? spec.Normalize : Normalize == ImageTexts.None ? null : Normalize,
        Split = Split ?? spec.Split,
        SplitSeed = SplitSeed ?? spec.SplitSeed,
        SkipBad = SkipBad || spec.SkipBad,
    };
}
