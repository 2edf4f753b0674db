using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>A data set in use; dispose it when the worker is done, so that the cache may let go of it.</summary>
internal sealed class DataSetLease(DataSet data, Action release) : IDisposable
{
    private Action? _release = release;

    public DataSet Data { get; } = data;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
