namespace Lcnn.Distributed.Grains.Storage;

/// <summary>Writes of small states whose only writer is their grain.</summary>
internal static class StoredState
{
    /// <summary>Writes the state; where that fails the grain forgets it, as memory and store may differ now: its next call begins with what is stored.</summary>
    public static async Task WriteOrForgetAsync<TState>(this IPersistentState<TState> state, IGrainBase grain, CancellationToken cancellationToken)
    {
        try
        {
            await state.WriteStateAsync(cancellationToken);
        }
        catch
        {
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
