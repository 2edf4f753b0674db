namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Where one rank's parcels arrive, whatever brought them; taken from by the rank's own thread.</summary>
internal sealed class Mailbox
{
    private readonly object _gate = new();
    private readonly Dictionary<(int FromRank, ParcelKey Key), Parcel> _parcels = [];

    /// <summary>Puts a parcel in.</summary>
    public void Deliver(int fromRank, ParcelKey key, Parcel parcel)
    {
        lock (_gate)
        {
            _parcels.Add((fromRank, key), parcel);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for a parcel and takes it out. Blocks: only for a worker's own threads.</summary>
    /// <exception cref="OperationCanceledException">The run was stopped first.</exception>
    public T Take<T>(int fromRank, ParcelKey key, CancellationToken cancellationToken)
        where T : Parcel
    {
        using var wake = cancellationToken.UnsafeRegister(static gate => WakeAll(gate!), _gate);
        lock (_gate)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_parcels.Remove((fromRank, key), out var parcel))
                {
                    return (T)parcel;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    private static void WakeAll(object gate)
    {
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }
    }
}
