using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The sweeps of a cluster, finished ones included, newest first. One for the cluster, key 0.</summary>
[Alias("lcnn.ISweepCatalogGrain")]
public interface ISweepCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Puts a sweep in, or replaces what is known of it; the entry is stored when this returns.</summary>
    [Alias("RecordAsync")]
    Task RecordAsync(SweepEntry entry, CancellationToken cancellationToken);

    /// <summary>The newest sweeps.</summary>
    [Alias("ListAsync"), RequiresRole(Role.View)]
    Task<IReadOnlyList<SweepEntry>> ListAsync(int limit, CancellationToken cancellationToken);
}

/// <summary>One line of the catalog; live figures come from the sweep itself.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SweepEntry")]
public sealed record SweepEntry(
    [property: Id(0)] string SweepId, [property: Id(1)] string Name, [property: Id(2)] DateTimeOffset SubmittedAt,
    [property: Id(3)] SweepPhase Phase, [property: Id(4)] int Trials, [property: Id(5)] string Sampler, [property: Id(6)] string Scheduler,
    [property: Id(7)] string OutputDirectory);
