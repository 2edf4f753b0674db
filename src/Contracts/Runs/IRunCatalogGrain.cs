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
/// <param name="Tags">What people call it; null when it has none.</param>
[GenerateSerializer, Immutable, Alias("lcnn.RunEntry")]
public sealed record RunEntry(
    [property: Id(0)] string RunId, [property: Id(1)] DateTimeOffset SubmittedAt, [property: Id(2)] RunPhase Phase,
    [property: Id(3)] string Dataset, [property: Id(4)] string Architecture, [property: Id(5)] int Workers,
    [property: Id(6)] string OutputDirectory, [property: Id(7)] string? SweepId = null, [property: Id(8)] RunSummary? Summary = null,
    [property: Id(9)] IReadOnlyList<string>? Tags = null)
{
    /// <summary>Whether nothing more comes of the run.</summary>
    public bool IsFinished() => Phase is RunPhase.Completed or RunPhase.Failed or RunPhase.Cancelled;

    /// <summary>Whether a sweep started it.</summary>
    public bool IsTrial() => SweepId is not null;
}

/// <summary>What there is to say of a run in a list once it has ended.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunSummary")]
public sealed record RunSummary
{
    /// <summary>When it ended.</summary>
    [Id(0)] public DateTimeOffset EndedAt { get; init; }
    /// <summary>What its objective was.</summary>
    [Id(1)] public string Loss { get; init; } = "";
    /// <summary>Epochs that it has trained and evaluated.</summary>
    [Id(2)] public int Epochs { get; init; }
    /// <summary>Share of the test set classified rightly after the last of them, 0..1; NaN without one.</summary>
    [Id(3)] public double TestAccuracy { get; init; } = double.NaN;
    /// <summary>Mean cross-entropy on the test set then; NaN without one.</summary>
    [Id(4)] public double TestLoss { get; init; } = double.NaN;
    /// <summary>Mean normalised curvature of the trained network; NaN where it was not measured.</summary>
    [Id(5)] public double Curvature { get; init; } = double.NaN;
    /// <summary>Why it ended before it was trained; empty otherwise.</summary>
    [Id(6)] public string Problem { get; init; } = "";
}
