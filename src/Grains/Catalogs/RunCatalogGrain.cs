using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>The list of runs.</summary>
internal sealed class RunCatalogGrain([PersistentState("catalog", GrainStorageNames.Lcnn)] IPersistentState<RunCatalog> stored)
    : CatalogGrain<RunCatalog, RunEntry>(stored), IRunCatalogGrain;
