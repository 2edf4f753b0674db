using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Lcnn.Distributed.Grains.Storage;

/// <summary>Keeps a grain with stored state off silos that are known to be cut off from the store, while there are others.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class StorePlacementAttribute() : PlacementFilterAttribute(new StorePlacementFilter());

internal sealed class StorePlacementFilter() : PlacementFilterStrategy(order: 0);

/// <summary>Leaves out the silos that are cut off.</summary>
internal sealed class StorePlacementDirector(StoreReach reach, ILocalSiloDetails silo) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var all = silos.ToList();
        return all.FindAll(candidate => !reach.IsKnownToBeCutOff(candidate, silo.SiloAddress)) is { Count: > 0 } reaching ? reaching : all;
    }
}
