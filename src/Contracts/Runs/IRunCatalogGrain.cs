using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The runs of a cluster, finished ones included, newest first. One for the cluster, key 0.</summary>
[Alias("lcnn.IRunCatalogGrain")]
public interface IRunCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Puts a run in, or replaces what is known of it; the entry is stored when this returns.</summary>
    [Alias("RecordAsync")]
    Task RecordAsync(RunEntry entry, CancellationToken cancellationToken);

    /// <summary>The newest runs.</summary>
    [Alias("ListAsync"), RequiresRole(Role.View)]
    Task<IReadOnlyList<RunEntry>> ListAsync(int limit, CancellationToken cancellationToken);
}

/// <summary>One line of the catalog; live figures come from the run itself.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunEntry")]
public sealed record RunEntry(
    [property: Id(0)] string RunId, [property: Id(1)] DateTimeOffset SubmittedAt, [property: Id(2)] RunPhase Phase,
    [property: Id(3)] string Dataset, [property: Id(4)] string Architecture, [property: Id(5)] int Workers,
    [property: Id(6)] string OutputDirectory, [property: Id(7)] string? SweepId = null)
{
    /// <summary>Whether nothing more comes of the run.</summary>
    public bool IsFinished() => Phase is RunPhase.Completed or RunPhase.Failed or RunPhase.Cancelled;

    /// <summary>Whether a sweep started it.</summary>
    public bool IsTrial() => SweepId is not null;
}
