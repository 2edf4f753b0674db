using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>The list of sweeps.</summary>
internal sealed class SweepCatalogGrain([PersistentState("sweeps", GrainStorageNames.Lcnn)] IPersistentState<SweepCatalog> stored)
    : CatalogGrain<SweepCatalog, SweepEntry>(stored), ISweepCatalogGrain;
