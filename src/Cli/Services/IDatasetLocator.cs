namespace Lcnn.Distributed.Cli.Services;

/// <summary>Knows the data sets and where their files may lie.</summary>
internal interface IDatasetLocator
{
    IReadOnlyList<DatasetEntry> List(string? dataDirectory);
}

/// <summary>One data set: where it was found, or how to get it.</summary>
internal sealed record DatasetEntry(string Name) : Report
{
    protected override string Kind => "dataset";
    public bool IsFound => Directory is not null;
    public string? Directory { get; init; }
    public int TrainSamples { get; init; }
    public int TestSamples { get; init; }
    public int Classes { get; init; }
    /// <summary>Channels, height and width.</summary>
    public IReadOnlyList<int> Shape { get; init; } = [];
    public string? Hint { get; init; }
}
