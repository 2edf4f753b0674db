using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>A slot in the hands of one worker; disposing frees it.</summary>
internal sealed class SlotLease(DeviceSlot slot, SlotHolder holder, Action<SlotLease> free) : IDisposable
{
    // Never disposed: it has neither timer nor wait handle, and an eviction may come while the slot is being freed.
    private readonly CancellationTokenSource _evicted = new();
    private readonly TaskCompletionSource _freed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DeviceSlot Slot { get; } = slot;

    public SlotHolder Holder { get; } = holder;

    /// <summary>Fires when the worker must leave and free the slot.</summary>
    public CancellationToken Evicted => _evicted.Token;

    /// <summary>Completes when the slot is free.</summary>
    public Task Freed => _freed.Task;

    /// <summary>Tells the worker to leave.</summary>
    public void Evict() => _evicted.CancelAsync().Ignore(); // its callbacks are none of the caller's

    public void Dispose()
    {
        free(this);
        _freed.TrySetResult();
    }
}
