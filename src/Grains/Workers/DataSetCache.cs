using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Data sets of this process, loaded once for all its workers and kept for a while after the last of them.</summary>
internal sealed class DataSetCache(DataSetLoader loader, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<DataSetRequest, Entry> _entries = [];

    /// <summary>How long a data set is kept that nobody uses, such as between two generations of a run.</summary>
    public static TimeSpan IdleTime { get; } = TimeSpan.FromMinutes(5);

    /// <summary>The data set; a failed load is forgotten, so that the next one tries again.</summary>
    public async Task<DataSetLease> LoadAsync(DataSetRequest request, IProgress<DownloadProgress> progress, CancellationToken cancellationToken)
    {
        var entry = Use(request, progress);
        try
        {
            return new DataSetLease(await entry.Load.WaitAsync(cancellationToken), () => Release(entry));
        }
        catch
        {
            Release(entry);
            throw;
        }
    }

    private Entry Use(DataSetRequest key, IProgress<DownloadProgress> progress)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                // The load outlives the caller that began it: others may wait for the same one. It is its own first user.
                _entries[key] = entry = new Entry(key, clock) { Users = 1 };
                entry.Load = Task.Run(() => LoadAsync(entry));
            }

            entry.Users++;
            entry.Progress.Add(progress);
            entry.Timer?.Dispose();
            entry.Timer = null;
            return entry;
        }
    }

    private async Task<DataSet> LoadAsync(Entry entry)
    {
        try
        {
            var data = await loader.LoadAsync(entry.Key, entry.Progress, CancellationToken.None);
            NativeHeap.TrimAfterLoading();
            return data;
        }
        catch
        {
            Forget(entry);
            throw;
        }
        finally
        {
            Release(entry);
        }
    }

    private void Release(Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Users == 0)
            {
                entry.Timer = clock.CreateTimer(_ => ForgetIfIdle(entry), null, IdleTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void ForgetIfIdle(Entry entry)
    {
        lock (_lock)
        {
            // A timer may fire while it is being disposed, and find users again.
            if (entry.Users == 0)
            {
                entry.Timer?.Dispose();
                Forget(entry);
            }
        }
    }

    private void Forget(Entry entry)
    {
        lock (_lock)
        {
            if (_entries.GetValueOrDefault(entry.Key) == entry)
            {
                _entries.Remove(entry.Key);
            }
        }
    }

    private sealed class Entry(DataSetRequest key, TimeProvider clock)
    {
        public DataSetRequest Key { get; } = key;

        public Task<DataSet> Load { get; set; } = null!;

        public SharedProgress Progress { get; } = new(clock);

        public int Users { get; set; }

        public ITimer? Timer { get; set; }
    }
}
