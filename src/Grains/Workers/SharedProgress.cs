using System.Collections.Concurrent;
using Lcnn.Distributed.Data.Downloads;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Tells all who wait for one download how far it is, a few times a second at most; those who came later too, and equal ones once.</summary>
internal sealed class SharedProgress(TimeProvider clock) : IProgress<DownloadProgress>
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentDictionary<IProgress<DownloadProgress>, bool> _audience = new();
    private long _last;

    /// <summary>One more who waits.</summary>
    public void Add(IProgress<DownloadProgress> progress) => _audience.TryAdd(progress, true);

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        if (_last != 0 && clock.GetElapsedTime(_last) < _interval && (value.ReceivedBytes < value.TotalBytes || value.DecodedImages > 0))
        {
            return;
        }

        _last = clock.GetTimestamp();
        foreach (var progress in _audience.Keys)
        {
            progress.Report(value);
        }
    }
}
