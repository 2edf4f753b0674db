using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>The list of runs.</summary>
[StorePlacement]
internal sealed class RunCatalogGrain([PersistentState("catalog", GrainStorageNames.Lcnn)] IPersistentState<RunCatalog> stored)
    : CatalogGrain<RunCatalog, RunEntry>(stored), IRunCatalogGrain;
