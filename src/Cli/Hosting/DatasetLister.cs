using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Data.Catalog;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Lists the data sets and where this machine has them.</summary>
internal sealed class DatasetLister : IDatasetLocator
{
    public IReadOnlyList<DatasetEntry> List(string? dataDirectory)
    {
        var locator = new DataSetLocator();
        return [.. DataSetCatalog.Names.Select(name => Describe(locator.Locate(name, dataDirectory)))];
    }

    private static DatasetEntry Describe(DataSetLocation location)
    {
        var description = location.Description;
        return new DatasetEntry(description.Name)
        {
            Directory = location.IsFound ? location.Folder ?? "(built in)" : null,
            TrainSamples = description.TrainCount,
            TestSamples = description.TestCount,
            Classes = description.Classes,
            Shape = [description.Channels, description.Height, description.Width],
            Hint = location.IsFound ? null : "downloaded on first use, or give its folder with --data-dir",
        };
    }
}
