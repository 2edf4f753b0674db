using Lcnn.Distributed.Data.Downloads;

namespace Lcnn.Distributed.Data.Named;

/// <summary>What is known of a data set before any file is opened.</summary>
/// <param name="Name">The name used in specs and on the command line.</param>
/// <param name="Format">How its files are laid out and read.</param>
/// <param name="Channels">Channels of an image.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
/// <param name="Classes">Number of labels.</param>
/// <param name="PixelMaximum">The pixel value that becomes 1.</param>
/// <param name="TrainCount">Training samples of the published set; a subset in the same format is accepted too.</param>
/// <param name="TestCount">Test samples of the published set.</param>
/// <param name="IsAugmented">Whether the reference augments its training samples.</param>
/// <param name="Files">The published files; none when the set is embedded.</param>
/// <param name="SystemFolder">Where Debian's package puts the files, if there is one.</param>
public sealed record DataSetDescription(
    string Name,
    IDataSetFormat Format,
    int Channels,
    int Height,
    int Width,
    int Classes,
    int PixelMaximum,
    int TrainCount,
    int TestCount,
    bool IsAugmented,
    IReadOnlyList<DataFile> Files,
    string? SystemFolder = null);
