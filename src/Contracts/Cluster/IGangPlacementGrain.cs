using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>Gives runs their slots: all at once or not yet, first come first served. One for the cluster, key 0.</summary>
/// <remarks>
/// A run may ask for a next generation while it trains: what its earlier ones hold counts as free for it, and it never waits behind
/// others for that. A run that waits and cannot train on must release what it holds, or others may wait for it as it does for them.
/// </remarks>
[Alias("lcnn.IGangPlacementGrain")]
public interface IGangPlacementGrain : IGrainWithIntegerKey
{
    /// <summary>Asks for slots; asked again until granted, since a place in the queue lapses without.</summary>
    /// <returns>One slot for each rank in order; null while the run has to wait.</returns>
    /// <exception cref="GangTooLargeException">The whole cluster, with nothing running, has fewer slots than the least wanted.</exception>
    /// <exception cref="SlotRefusedException">A later generation of the run has asked for slots.</exception>
    [Alias("RequestAsync")]
    Task<IReadOnlyList<DeviceSlot>?> RequestAsync(GangRequest request, CancellationToken cancellationToken);

    /// <summary>As <see cref="RequestAsync"/>, but answers as soon as the slots are there; asked again when they were not.</summary>
    /// <param name="request">What the run wants.</param>
    /// <param name="patience">How long to wait for them; at most 20 seconds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>One slot for each rank in order; null when the run has to wait for longer, or was withdrawn.</returns>
    /// <exception cref="GangTooLargeException">The whole cluster, with nothing running, has fewer slots than the least wanted.</exception>
    /// <exception cref="SlotRefusedException">A later generation of the run has asked for slots.</exception>
    [Alias("AwaitAsync"), ResponseTimeout("00:00:30")]
    Task<IReadOnlyList<DeviceSlot>?> AwaitAsync(GangRequest request, TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>Leaves the queue.</summary>
    [Alias("WithdrawAsync")]
    Task WithdrawAsync(string runId, CancellationToken cancellationToken);

    /// <summary>The runs that wait and come before this one, in the order in which they are served.</summary>
    [Alias("GetAheadAsync")]
    Task<IReadOnlyList<string>> GetAheadAsync(GangRequest request, CancellationToken cancellationToken);

    /// <summary>Every silo of the cluster with its slots, by name.</summary>
    [Alias("GetSilosAsync"), RequiresRole(Role.View)]
    Task<IReadOnlyList<SiloReport>> GetSilosAsync(CancellationToken cancellationToken);

    /// <summary>How many slots a request would be granted now; neither keeps them nor takes a place in the queue.</summary>
    [Alias("CountGrantedAsync")]
    Task<int> CountGrantedAsync(GangRequest request, CancellationToken cancellationToken);
}

/// <summary>How many slots a run wants, and since when it waits.</summary>
/// <param name="Generation">The generation that the slots are for.</param>
/// <param name="Minimum">Fewest slots it goes on with.</param>
/// <param name="Maximum">Most it can use.</param>
/// <param name="SubmittedAt">When the run was submitted: the order of the queue, whatever grain or silo is lost.</param>
/// <param name="Avoid">Silos not to be used, such as one that drains or was found hanging.</param>
/// <param name="SweepId">The sweep whose turn it is when the run is granted its first slots; null for a run of its own.</param>
/// <param name="Needs">What a silo must have to give slots; null where every silo will do.</param>
[GenerateSerializer, Immutable, Alias("lcnn.GangRequest")]
public sealed record GangRequest(
    [property: Id(0)] string RunId, [property: Id(1)] int Generation, [property: Id(2)] int Minimum, [property: Id(3)] int Maximum,
    [property: Id(4)] DateTimeOffset SubmittedAt, [property: Id(5)] IReadOnlyList<string> Avoid,
    [property: Id(6)] string? SweepId = null, [property: Id(7)] RunNeeds? Needs = null);

/// <summary>No cluster of this size can ever run it.</summary>
[GenerateSerializer, Alias("lcnn.GangTooLargeException")]
public sealed class GangTooLargeException(string message) : Exception(message);
