using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Places a grain on the silo that its key names (<see cref="GrainKeys.TryGetSilo"/>), and on no other.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SiloPlacementAttribute() : PlacementAttribute(new SiloPlacementStrategy());

[Serializable, GenerateSerializer, Immutable, Alias("lcnn.SiloPlacementStrategy")]
internal sealed class SiloPlacementStrategy : PlacementStrategy;
