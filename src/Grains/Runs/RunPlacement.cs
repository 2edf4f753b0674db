using Lcnn.Distributed.Contracts.Cluster;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>A run's view of the cluster: slots to be had, and silos that leave.</summary>
internal sealed partial class RunPlacement(IGrainFactory grains, IClusterMembershipService membership, RunOptions options, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan _gatherTime = TimeSpan.FromSeconds(1);

    private IGangPlacementGrain Gangs => grains.GetGrain<IGangPlacementGrain>(0);

    /// <summary>Asks for slots once; null while there are too few.</summary>
    /// <exception cref="GangTooLargeException">There never will be enough.</exception>
    public async Task<IReadOnlyList<DeviceSlot>?> RequestAsync(GangRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await Gangs.RequestAsync(request, cancellationToken);
        }
        catch (Exception exception) when (IsPassing(exception, request) && !cancellationToken.IsCancellationRequested)
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

    /// <summary>Slots that nobody has, on silos that stay and are not to be avoided.</summary>
    public async Task<int> CountFreeAsync(string? avoid, CancellationToken cancellationToken) =>
        (await Gangs.GetSilosAsync(cancellationToken)).Where(silo => !silo.IsDraining && silo.Silo != avoid).Sum(silo => silo.Slots.Count(slot => slot.Holder is null));

    /// <summary>Why a run waits.</summary>
    public async Task<string> DescribeAsync(GangRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var silos = await Gangs.GetSilosAsync(cancellationToken);
            var holders = silos.SelectMany(silo => silo.Slots).Select(slot => slot.Holder?.RunId).OfType<string>().Distinct().Order().ToList();
            var having = holders.Count == 0 ? "" : $"; others are held by {string.Join(", ", holders)}";
            return $"waits for {request.Minimum} free slots of {silos.Sum(silo => silo.Slots.Count)} on {silos.Count} silos{having}";
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
            var silos = membership.CurrentSnapshot;
            foreach (var member in generation.Members)
            {
                if (silos.GetSiloStatus(SiloAddress.FromParsableString(member.Silo)) is SiloStatus.Dead or SiloStatus.None)
                {
                    generation.Lose(member.Rank, "its silo has left the cluster", isSiloGone: true);
                }
            }

            generation.CheckProgress(options.StallTimeout, _gatherTime);
        }

        return await generation.End;
    }

    // A cluster that was large enough once may be so again.
    private static bool IsPassing(Exception exception, GangRequest request) => exception is not GangTooLargeException || request.Generation > 1;

    [LoggerMessage(Level = LogLevel.Debug, Message = "The queue for slots does not answer")]
    private partial void LogRequestFailed(Exception exception);
}
