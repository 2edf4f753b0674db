using Orleans.Runtime.Placement;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Finds the silo that a grain's key names; when it is gone, so is the grain.</summary>
internal sealed class SiloPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString()!;
        if (!GrainKeys.TryGetSilo(key, out var silo))
        {
            throw new ArgumentException($"The key of {target.GrainIdentity} names no silo; expected an address, such as 127.0.0.1:11111@1, or one behind '@'");
        }

        return Array.IndexOf(context.GetCompatibleSilos(target), silo) >= 0
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException($"{target.GrainIdentity} belongs on silo {silo}, which is not an active silo of the cluster");
    }
}
