using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Storage;
using Orleans.Concurrency;

namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>The list of sweeps.</summary>
[Reentrant, StorePlacement]
internal sealed class SweepCatalogGrain([PersistentState("sweeps", GrainStorageNames.Lcnn)] IPersistentState<SweepCatalog> stored, TimeProvider clock)
    : CatalogGrain<SweepCatalog, SweepEntry>(stored, clock), ISweepCatalogGrain;
