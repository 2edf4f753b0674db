using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Own;

namespace Lcnn.Distributed.Data.Catalog;

/// <summary>Packs data sets into one file that runs read from disk (docs/data.md).</summary>
/// <param name="loader">Of named sets.</param>
public sealed class DataSetPacker(DataSetLoader loader)
{
    /// <summary>Packs a set; the file appears when it is whole.</summary>
    /// <param name="request">Which set.</param>
    /// <param name="target">The file to write; nothing of that name may be there.</param>
    /// <param name="decoded">Told how many images were decoded, now and then.</param>
    /// <param name="cancellationToken">Ends it, without a file.</param>
    /// <returns>The packed set.</returns>
    /// <exception cref="ArgumentException">There is no data set of this name.</exception>
    /// <exception cref="DataFileException">The set cannot be used, or the file cannot be written.</exception>
    public async Task<DataSet> PackAsync(DataSetRequest request, string target, IProgress<int>? decoded = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.IsOwn)
        {
            return await Task.Run(() => OwnDataSets.Pack(request.Name, request.Images, target, decoded, cancellationToken), cancellationToken);
        }

        var data = await loader.LoadAsync(request, null, cancellationToken);
        return await Task.Run(() => OwnDataSets.Pack(data, request.Images, target, cancellationToken), cancellationToken);
    }
}
