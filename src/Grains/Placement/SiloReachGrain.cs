using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Storage;
using Orleans.Concurrency;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Lets the cluster at the <see cref="StoreReach"/> of one silo.</summary>
[Reentrant, SiloPlacement, GrainType("siloreach")]
internal sealed class SiloReachGrain(StoreReach reach) : Grain, ISiloReachGrain
{
    private static readonly TimeSpan _recently = TimeSpan.FromSeconds(3); // it looks every second

    public Task<bool> ReachesStoreAsync(CancellationToken cancellationToken) => Task.FromResult(reach.HasReachedWithin(_recently));

    public Task NoteAsync(string silo, bool isCutOff, CancellationToken cancellationToken)
    {
        reach.Note(SiloAddress.FromParsableString(silo), isCutOff);
        return Task.CompletedTask;
    }
}
