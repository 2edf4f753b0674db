using System.Collections.Concurrent;
using Lcnn.Distributed.Model.Data;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Tells all who wait for one download how far it is, those who came later too; equal ones are told once.</summary>
internal sealed class SharedProgress : IProgress<DownloadProgress>
{
    private readonly ConcurrentDictionary<IProgress<DownloadProgress>, bool> _audience = new();

    /// <summary>One more who waits.</summary>
    public void Add(IProgress<DownloadProgress> progress) => _audience.TryAdd(progress, true);

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        foreach (var progress in _audience.Keys)
        {
            progress.Report(value);
        }
    }
}
