using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>The list of sweeps.</summary>
[StorePlacement]
internal sealed class SweepCatalogGrain([PersistentState("sweeps", GrainStorageNames.Lcnn)] IPersistentState<SweepCatalog> stored)
    : CatalogGrain<SweepCatalog, SweepEntry>(stored), ISweepCatalogGrain;
