using System.Collections.Concurrent;
using Lcnn.Distributed.Model.Data;
using Lcnn.Distributed.Model.Diagnostics;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Data sets of this process, loaded once for all its workers.</summary>
internal sealed class DataSetCache(DataSetLoader loader)
{
    private readonly ConcurrentDictionary<(string Name, string? Folder), Lazy<Task<DataSet>>> _loads = new();

    /// <summary>The data set; a failed load is forgotten, so that the next one tries again.</summary>
    public async Task<DataSet> LoadAsync(string name, string? folder, IProgress<DownloadProgress> progress, CancellationToken cancellationToken)
    {
        // The load outlives the caller that began it: others may wait for the same one.
        var load = _loads.GetOrAdd((name, folder), key => new Lazy<Task<DataSet>>(
            () => Task.Run(async () =>
            {
                var data = await loader.LoadAsync(key.Name, key.Folder, progress, CancellationToken.None);
                NativeHeap.TrimAfterLoading();
                return data;
            })));
        try
        {
            return await load.Value.WaitAsync(cancellationToken);
        }
        catch when (load.Value is { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            _loads.TryRemove(KeyValuePair.Create((name, folder), load));
            throw;
        }
    }
}
