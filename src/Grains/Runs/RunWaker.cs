using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Wakes the coordinators of unfinished runs when this silo starts and whenever another one is gone.</summary>
/// <remarks>A run whose coordinator and workers were lost together has nobody left to call it; its reminder may take a minute.</remarks>
internal sealed partial class RunWaker(IClusterMembershipService membership, IGrainFactory grains, TimeProvider clock, ILogger<RunWaker> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int Newest = 1000;
    private const int Attempts = 5;
    private readonly CancellationTokenSource _stopping = new();

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(RunWaker),
        ServiceLifecycleStage.Active,
        _ =>
        {
            WatchAsync(_stopping.Token).Ignore();
            return Task.CompletedTask;
        },
        _ => _stopping.CancelAsync());

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await WakeAsync(cancellationToken);
        var known = membership.CurrentSnapshot;
        await foreach (var silos in membership.MembershipUpdates.WithCancellation(cancellationToken))
        {
            var gone = known.Members.Keys.Any(silo => known.GetSiloStatus(silo) != SiloStatus.Dead && silos.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None);
            known = silos;
            if (gone)
            {
                await WakeAsync(cancellationToken);
            }
        }
    }

    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                var runs = await grains.GetGrain<IRunCatalogGrain>(0).ListAsync(Newest, cancellationToken);
                await Task.WhenAll(runs.Where(run => run.Phase is not (RunPhase.Completed or RunPhase.Failed or RunPhase.Cancelled))
                    .Select(run => grains.GetGrain<IRunCoordinatorGrain>(run.RunId).GetStatusAsync(cancellationToken)));
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotWoken(exception);
                await Backoff.WaitAsync(attempt, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The unfinished runs could not be woken")]
    private partial void LogNotWoken(Exception exception);
}
