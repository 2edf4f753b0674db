using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Finds out whether this silo alone has lost the store of records, and has what needs the store go on elsewhere.</summary>
/// <remarks>
/// Once the store has not answered for <see cref="Patience"/>, the other silos are asked. If one of them reaches it, all are told that this one
/// is cut off, so that they place nothing here that needs the store, and coordinators and sweeps give way. Workers need no store and stay.
/// If none reaches it, nobody gives anything up. Told again and again: a silo may have joined since.
/// </remarks>
internal sealed partial class StoreReachWatch(
    StoreReach reach, ILocalSiloDetails local, IClusterMembershipService membership, IGrainFactory grains, TimeProvider clock, ILogger<StoreReachWatch> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _answerTime = TimeSpan.FromSeconds(3);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>How long a silo waits for the store before it asks the others: a Redis that is restarted is back by then.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(8);

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(StoreReachWatch),
        ServiceLifecycleStage.Active,
        _ =>
        {
            WatchAsync(_stopping.Token).Ignore();
            return Task.CompletedTask;
        },
        _ => _stopping.CancelAsync());

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Looks every second until cancelled.</summary>
    internal async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_period, clock);
        var isTold = false;
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (reach.IsCutOff || isTold)
            {
                isTold = reach.IsCutOff;
                await TellAsync(isTold, cancellationToken);
            }
            else if (reach.Away >= Patience && await IsReachedByOthersAsync(cancellationToken))
            {
                // First, so that what gives way is not placed here again.
                isTold = true;
                await TellAsync(isTold, cancellationToken);
                if (reach.NoteCutOff())
                {
                    LogCutOff(reach.Away.TotalSeconds);
                }
            }
        }
    }

    private async Task<bool> IsReachedByOthersAsync(CancellationToken cancellationToken) =>
        (await AskOthersAsync(async other => await other.ReachesStoreAsync(cancellationToken), cancellationToken)).Contains(true);

    private Task<bool[]> TellAsync(bool isCutOff, CancellationToken cancellationToken) => AskOthersAsync(
        async other =>
        {
            await other.NoteAsync(local.SiloAddress.ToParsableString(), isCutOff, cancellationToken);
            return true;
        },
        cancellationToken);

    // One that does not answer may be gone, or cut off from here as well.
    private Task<bool[]> AskOthersAsync(Func<ISiloReachGrain, Task<bool>> ask, CancellationToken cancellationToken) => Task.WhenAll(
        membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(local.SiloAddress))
            .Select(async member =>
            {
                try
                {
                    return await ask(grains.GetGrain<ISiloReachGrain>(GrainKeys.SiloReach(member.SiloAddress.ToParsableString())))
                        .WaitAsync(_answerTime, clock, cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    LogNoAnswer(exception, member.SiloAddress);
                    return false;
                }
            }));

    [LoggerMessage(Level = LogLevel.Warning, Message = "This silo has not reached the store of records for {Seconds:0} s while other silos do: its runs and sweeps are coordinated there from now on, its workers train on")]
    private partial void LogCutOff(double seconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} does not answer whether it reaches the store")]
    private partial void LogNoAnswer(Exception exception, SiloAddress silo);
}
