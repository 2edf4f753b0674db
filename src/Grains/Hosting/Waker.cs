using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Hosting;

/// <summary>Wakes the grains of unfinished runs and sweeps when this silo starts, whenever another one is gone, and when this one has given them up as it is cut off from the store.</summary>
/// <remarks>
/// A sweep that was lost, or a run whose coordinator and workers were lost together, has nobody left to call it; its reminder may take a minute.
/// All silos hear of a loss at once: each waits for a random moment, the longer the more of them there are, and then wakes a few at a time in an
/// order of its own, so that most find their work done and the store of records is not asked for everything at once.
/// </remarks>
internal sealed partial class Waker(IClusterMembershipService membership, IGrainFactory grains, StoreReach reach, TimeProvider clock, ILogger<Waker> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int Newest = 1000;
    private const int Attempts = 5;
    private const int AtOnce = 16;
    private static readonly TimeSpan _spread = TimeSpan.FromMilliseconds(50); // for each silo
    private static readonly TimeSpan _longestSpread = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _givingWay = TimeSpan.FromSeconds(10); // a write under way ends no sooner
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(Waker),
        ServiceLifecycleStage.Active,
        _ =>
        {
            WatchAsync(_stopping.Token).Ignore();
            WakeGivenUpAsync(_stopping.Token).Ignore();
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
                await Task.Delay(SpreadOver(silos), clock, cancellationToken);
                await WakeAsync(cancellationToken);
            }
        }
    }

    private async Task WakeGivenUpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await reach.CutOff.WaitAsync(cancellationToken);
            await WakeAsync(cancellationToken);
            await Task.Delay(_givingWay, clock, cancellationToken);
            await WakeAsync(cancellationToken);
            while (reach.IsCutOff)
            {
                await Task.Delay(_look, clock, cancellationToken);
            }
        }
    }

    private static TimeSpan SpreadOver(ClusterMembershipSnapshot silos)
    {
        var spread = silos.Members.Values.Count(member => member.Status == SiloStatus.Active) * _spread;
        return Random.Shared.NextDouble() * (spread < _longestSpread ? spread : _longestSpread);
    }

    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                var runs = await grains.GetGrain<IRunCatalogGrain>(0).ListAsync(Newest, cancellationToken);
                var sweeps = await grains.GetGrain<ISweepCatalogGrain>(0).ListAsync(Newest, cancellationToken);
                var calls = runs.Where(run => !run.IsFinished())
                    .Select(run => (Func<Task>)(() => grains.GetGrain<IRunCoordinatorGrain>(run.RunId).GetStatusAsync(cancellationToken)))
                    .ToArray();
                Random.Shared.Shuffle(calls);
                await AllAsync(
                    [
                        .. sweeps.Where(sweep => sweep.Phase is not (SweepPhase.Completed or SweepPhase.Failed))
                            .Select(sweep => (Func<Task>)(() => grains.GetGrain<ISweepGrain>(sweep.SweepId).GetSpecAsync(cancellationToken))),
                        .. calls,
                    ],
                    cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotWoken(exception);
                await Backoff.WaitAsync(attempt, clock, cancellationToken);
            }
        }
    }

    // One that fails keeps none of the others from being woken.
    private static async Task AllAsync(IEnumerable<Func<Task>> calls, CancellationToken cancellationToken)
    {
        var errors = new ConcurrentQueue<Exception>();
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (call, _) =>
        {
            try
            {
                await call();
            }
            catch (Exception exception)
            {
                errors.Enqueue(exception);
            }
        });
        if (!errors.IsEmpty)
        {
            throw new AggregateException(errors);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The unfinished runs and sweeps could not be woken")]
    private partial void LogNotWoken(Exception exception);
}
