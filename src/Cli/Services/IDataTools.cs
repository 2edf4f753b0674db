using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Packs, describes and draws data sets in this process.</summary>
internal interface IDataTools
{
    /// <summary>Writes a packed set.</summary>
    /// <param name="source">Its data set and how its images become samples.</param>
    /// <param name="target">The file to write.</param>
    /// <param name="decoded">Told how many images were decoded.</param>
    /// <param name="cancellationToken">Ends it, without a file.</param>
    Task<PackReport> PackAsync(RunSpec source, string target, IProgress<int> decoded, CancellationToken cancellationToken);

    /// <summary>Describes a set.</summary>
    /// <param name="source">Its data set and how its images become samples.</param>
    /// <param name="verify">Whether all of a packed set is compared with its digests.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<DataReport> DescribeAsync(RunSpec source, bool verify, CancellationToken cancellationToken);

    /// <summary>Draws some training images of each class.</summary>
    /// <param name="source">Their data set and how they become samples.</param>
    /// <param name="target">The PNG file to write.</param>
    /// <param name="perClass">Images of each class.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<SheetReport> DrawAsync(RunSpec source, string target, int perClass, CancellationToken cancellationToken);
}

/// <summary>A set that was packed.</summary>
internal sealed record PackReport(string File, long Bytes, int TrainSamples, int TestSamples, string DataSha256, string? LeftOut) : Report
{
    protected override string Kind => "packed";
}

/// <summary>A contact sheet that was drawn.</summary>
internal sealed record SheetReport(string File, int Classes, int PerClass) : Report
{
    protected override string Kind => "sheet";
}

/// <summary>A class of a set.</summary>
internal sealed record ClassCount(string Name, int TrainSamples, int TestSamples);

/// <summary>A data set.</summary>
internal sealed record DataReport : Report
{
    public required string Dataset { get; init; }

    /// <summary>Channels, height and width.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    public required int TrainSamples { get; init; }

    public required int TestSamples { get; init; }

    public required IReadOnlyList<ClassCount> Classes { get; init; }

    /// <summary>Of the training samples by channel, before any normalisation.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>Standard deviation of the same.</summary>
    public required IReadOnlyList<double> Std { get; init; }

    /// <summary>Means and deviations that a packed set is normalised with; null for none.</summary>
    public string? Normalize { get; init; }

    /// <summary>Size of a packed file; null for other sets.</summary>
    public long? Bytes { get; init; }

    /// <summary>The data's share of a run's fingerprint.</summary>
    public required string DataSha256 { get; init; }

    /// <summary>Blocks that were compared with their digests; null where nobody asked.</summary>
    public long? VerifiedBlocks { get; init; }

    public string? LeftOut { get; init; }

    protected override string Kind => "data";
}
