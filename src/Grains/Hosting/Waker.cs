using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Hosting;

/// <summary>Wakes the grains of unfinished runs and sweeps when this silo starts and whenever another one is gone.</summary>
/// <remarks>A sweep that was lost, or a run whose coordinator and workers were lost together, has nobody left to call it; its reminder may take a minute.</remarks>
internal sealed partial class Waker(IClusterMembershipService membership, IGrainFactory grains, TimeProvider clock, ILogger<Waker> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int Newest = 1000;
    private const int Attempts = 5;
    private readonly CancellationTokenSource _stopping = new();

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(Waker),
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
                var sweeps = await grains.GetGrain<ISweepCatalogGrain>(0).ListAsync(Newest, cancellationToken);
                await Task.WhenAll(runs.Where(run => run.Phase is not (RunPhase.Completed or RunPhase.Failed or RunPhase.Cancelled))
                    .Select(run => (Task)grains.GetGrain<IRunCoordinatorGrain>(run.RunId).GetStatusAsync(cancellationToken))
                    .Concat(sweeps.Where(sweep => sweep.Phase is not (SweepPhase.Completed or SweepPhase.Failed))
                        .Select(sweep => grains.GetGrain<ISweepGrain>(sweep.SweepId).GetSpecAsync(cancellationToken))));
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotWoken(exception);
                await Backoff.WaitAsync(attempt, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The unfinished runs and sweeps could not be woken")]
    private partial void LogNotWoken(Exception exception);
}
