using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Storage;
using Orleans.Concurrency;

namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>The list of runs.</summary>
[Reentrant, StorePlacement]
internal sealed class RunCatalogGrain([PersistentState("catalog", GrainStorageNames.Lcnn)] IPersistentState<RunCatalog> stored, TimeProvider clock)
    : CatalogGrain<RunCatalog, RunEntry>(stored, clock), IRunCatalogGrain;
