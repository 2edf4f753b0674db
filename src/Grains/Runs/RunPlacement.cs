using Lcnn.Distributed.Contracts.Cluster;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>A run's view of the cluster: slots to be had, and silos that leave.</summary>
internal sealed partial class RunPlacement(IGrainFactory grains, IClusterMembershipService membership, RunOptions options, TimeProvider clock, ILogger logger)
{
    private const int Named = 3; // of those that come before a run
    private static readonly TimeSpan _gatherTime = TimeSpan.FromSeconds(1);

    private IGangPlacementGrain Gangs => grains.GetGrain<IGangPlacementGrain>(0);

    /// <summary>Whether a silo has left the cluster for good.</summary>
    public bool HasLeft(string silo) => membership.HasLeft(silo);

    /// <summary>Asks for slots, and waits for them for a while; null when there are too few.</summary>
    /// <param name="request">What the run wants.</param>
    /// <param name="patience">How long it waits.</param>
    /// <param name="waits">Whether it waits for silos that are not there, too: a cluster that was large enough once may be so again.</param>
    /// <exception cref="GangTooLargeException">The whole cluster is too small, and the run does not wait for that.</exception>
    public async Task<IReadOnlyList<DeviceSlot>?> AwaitAsync(GangRequest request, TimeSpan patience, bool waits, CancellationToken cancellationToken)
    {
        try
        {
            return await Gangs.AwaitAsync(request, patience, cancellationToken);
        }
        catch (Exception exception) when ((waits || exception is not GangTooLargeException) && !cancellationToken.IsCancellationRequested)
        {
            LogRequestFailed(exception); // its silo may have gone: the next one asks the silos themselves
            return null;
        }
    }

    /// <summary>Leaves the queue; its place would lapse anyway.</summary>
    public async Task WithdrawAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            await Gangs.WithdrawAsync(runId, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogRequestFailed(exception);
        }
    }

    /// <summary>Slots that the request would be granted now.</summary>
    public Task<int> CountGrantedAsync(GangRequest request, CancellationToken cancellationToken) => Gangs.CountGrantedAsync(request, cancellationToken);

    /// <summary>Why a run waits, in a sentence for people: how many slots it wants, who has those there are, and who comes before it.</summary>
    public async Task<string> DescribeAsync(GangRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var (looking, ahead) = (Gangs.GetSilosAsync(cancellationToken), await Gangs.GetAheadAsync(request, cancellationToken));
            var silos = await looking;
            var holders = silos.SelectMany(silo => silo.Slots).Select(slot => slot.Holder?.RunId).OfType<string>().Distinct().Order().ToList();
            var having = holders.Count == 0 ? "" : $"; others are held by {string.Join(", ", holders)}";
            var without = request.Avoid.Count == 0 ? "" : $"; left out are {string.Join(", ", request.Avoid)}";
            var lacking = string.Concat(silos.Select(silo => (silo.Name, Lack: request.Needs?.LackOf(silo))).Where(silo => silo.Lack is not null).Select(silo => $"; silo '{silo.Name}' lacks {silo.Lack}"));
            var before = ahead.Count == 0 ? "" : $"; before it come {string.Join(", ", ahead.Take(Named))}{(ahead.Count > Named ? $" and {ahead.Count - Named} more" : "")}";
            return $"waits for {request.Minimum} free slots of {silos.Sum(silo => silo.Slots.Count)} on {silos.Count} silos{having}{before}{without}{lacking}";
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogRequestFailed(exception);
            return $"waits for {request.Minimum} free slots";
        }
    }

    /// <summary>Watches over a generation until it ends.</summary>
    public async Task<GenerationEnd> WatchAsync(RunGeneration generation, CancellationToken cancellationToken)
    {
        while (!generation.End.IsCompleted)
        {
            await Task.WhenAny(generation.End, Task.Delay(options.WatchInterval, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var member in generation.Members.Where(member => membership.HasLeft(member.Silo)))
            {
                generation.Lose(member.Rank, "its silo has left the cluster", isSiloGone: true);
            }

            generation.CheckProgress(options.StallTimeout, options.JoinTimeout, _gatherTime);
        }

        return await generation.End;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The queue for slots does not answer")]
    private partial void LogRequestFailed(Exception exception);
}
