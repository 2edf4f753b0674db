using System.Collections.Concurrent;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Threads that gather samples beside those that compute: not the process's pool, which serves grains, and whose threads a slow disk would hold up.</summary>
internal sealed class GatherThreads : IDisposable
{
    private readonly BlockingCollection<Task> _work = [];
    private readonly Thread[] _threads;
    private volatile bool _stopping;

    public GatherThreads(int count)
    {
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(Work) { IsBackground = true, Name = $"gather-{i}" })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Does some work on one of the threads, after what was given before it.</summary>
    public Task<T> Run<T>(Func<T> work)
    {
        var task = new Task<T>(work);
        _work.Add(task);
        return task;
    }

    /// <summary>Waits for what was begun; what was not is never done.</summary>
    public void Dispose()
    {
        _stopping = true;
        _work.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _work.Dispose();
    }

    private void Work()
    {
        OneIntraOpThread.Claim();
        foreach (var task in _work.GetConsumingEnumerable())
        {
            if (!_stopping)
            {
                task.RunSynchronously(TaskScheduler.Default);
            }
        }
    }
}
