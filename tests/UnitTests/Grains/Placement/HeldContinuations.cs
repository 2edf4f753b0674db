namespace Lcnn.Distributed.UnitTests.Grains.Placement;

/// <summary>Holds what follows the first await of a method until it is told to go on.</summary>
internal sealed class HeldContinuations : SynchronizationContext
{
    private readonly TaskCompletionSource<Action> _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Post(SendOrPostCallback d, object? state) => _held.SetResult(() => d(state));

    public Task<T> Run<T>(Func<Task<T>> method)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            return method();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public async Task GoOnAsync(CancellationToken cancellationToken) => (await _held.Task.WaitAsync(cancellationToken))();
}
