using System.CommandLine;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>How images of one's own become samples: the options of <c>lcnn train</c> and <c>lcnn eval</c>.</summary>
internal sealed class ImageSwitches
{
    public Option<string> Size { get; } = CommonOptions.Value("--image-size", "HxW", "Resize the shorter side of your images and crop the centre, to height x width such as 32x32. Default: as they are, all of one size");
    public Option<bool> Grayscale { get; } = CommonOptions.Flag("--grayscale", "Make your images grey. Default: colour, unless all of them are grey");
    public Option<string> Normalize { get; } = CommonOptions.Value("--normalize", "MEAN/STD", "Shift and scale your images' values, pixel / 255, by mean and deviation: none, one pair such as 0.5/0.25, or 0.49,0.48,0.45/0.2,0.2,0.2 by channel. Default: none");
    public Option<string> Split { get; } = CommonOptions.Value("--split", "share", "Share of every class of your images that makes the test set, where they have none, such as 0.1. Default: 0, they have one");
    public Option<string> SplitSeed { get; } = CommonOptions.Value("--split-seed", "n", "Which images --split takes. Default: 0");
    public Option<bool> SkipBad { get; } = CommonOptions.Flag("--skip-bad", "Leave out images that cannot be used. Default: name them and refuse");

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All => [Size, Grayscale, Normalize, Split, SplitSeed, SkipBad];

    /// <summary>What was given.</summary>
    public ImageOverrides Read(ArgumentReader reader) => new()
    {
        Size = reader.Text(Size),
        Grayscale = reader.IsGiven(Grayscale),
        Normalize = reader.Text(Normalize),
        Split = reader.Number(Split),
        SplitSeed = reader.LongNumber(SplitSeed),
        SkipBad = reader.IsGiven(SkipBad),
    };
}
