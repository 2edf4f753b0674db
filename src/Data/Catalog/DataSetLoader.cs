using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Named;
using Lcnn.Distributed.Data.Own;

namespace Lcnn.Distributed.Data.Catalog;

/// <summary>Loads data sets into memory, downloading to the cache folder what is found nowhere.</summary>
/// <remarks>
/// A download must have the published SHA-256. Files found on disk are checked by structure alone: Debian's are compressed
/// anew, and subsets are welcome. The run's fingerprint is taken of the content.
/// </remarks>
public sealed class DataSetLoader(DataSetLocator locator, Downloader downloader)
{
    private readonly Dictionary<string, AddedDataSet> _added = [];

    /// <summary>Uses the cache folder that the environment names.</summary>
    public DataSetLoader() : this(new DataSetLocator(), new Downloader())
    {
    }

    /// <summary>The same, with data sets that the program adds to the catalog's.</summary>
    public DataSetLoader(IEnumerable<AddedDataSet> added) : this() => _added = added.ToDictionary(set => set.Name);

    /// <summary>Loads a data set; with a data directory, from there only and without a download.</summary>
    /// <exception cref="ArgumentException">There is no data set of this name.</exception>
    /// <exception cref="DataFileException">A file is missing, damaged or cannot be fetched.</exception>
    public Task<DataSet> LoadAsync(
        string name,
        string? dataDirectory = null,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        LoadAsync(DataSetCatalog.Find(name), dataDirectory, progress, cancellationToken);

    /// <summary>Loads a data set of the catalog or a user's own.</summary>
    /// <exception cref="ArgumentException">There is no data set of this name.</exception>
    /// <exception cref="DataFileException">A file is missing, damaged or cannot be fetched.</exception>
    public Task<DataSet> LoadAsync(DataSetRequest request, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _added.TryGetValue(request.Name, out var added) ? added.LoadAsync(cancellationToken)
            : request.IsOwn
            ? Task.Run(() => OwnDataSets.Read(request.Name, request.Images, progress is null ? null : new DecodingProgress(request.Name, progress), cancellationToken), cancellationToken)
            : LoadAsync(request.Name, request.DataDirectory, progress, cancellationToken);
    }

    internal async Task<DataSet> LoadAsync(
        DataSetDescription description, string? dataDirectory, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var location = locator.Locate(description, dataDirectory);
        if (!location.IsFound)
        {
            if (dataDirectory is not null)
            {
                throw location.Problem!;
            }

            var folder = locator.CacheFolderOf(description.Name);
            await downloader.DownloadAsync(location.Missing, folder, progress, cancellationToken);
            location = locator.Locate(description, dataDirectory);
        }

        var data = await Task.Run(() => location.Description.Format.Read(location.Files, location.Description), cancellationToken);
        return data with { IsAugmented = description.IsAugmented };
    }

    private sealed class DecodingProgress(string path, IProgress<DownloadProgress> progress) : IProgress<int>
    {
        public void Report(int value) => progress.Report(new DownloadProgress(path, 0, 0, value));
    }
}
