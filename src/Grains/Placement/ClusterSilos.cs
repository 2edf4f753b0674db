using Lcnn.Distributed.Contracts.Cluster;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Reaches the slots grains of the silos that the membership lists; used in one grain's turns only.</summary>
/// <remarks>There is one look at a time; who wants to look while it lasts shares the next one, so that what is seen is never older than the wish to see it.</remarks>
internal sealed partial class ClusterSilos(
    SlotSilos silos, IGrainFactory grains, PlacementOptions options, TimeProvider clock, ILogger logger) : IClusterSilos
{
    private readonly Dictionary<string, Task> _late = [];

    private Task<ClusterSlots>? _looking;
    private Task<ClusterSlots>? _next;

    public Task<ClusterSlots> LookAsync(CancellationToken cancellationToken)
    {
        var look = _looking is { IsCompleted: false } ? _next ??= LookAfterAsync(_looking) : _looking = LookOnceAsync();
        return look.WaitAsync(cancellationToken);
    }

    private async Task<ClusterSlots> LookAfterAsync(Task earlier)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        (_looking, _next) = (_next, null);
        return await LookOnceAsync();
    }

    private async Task<ClusterSlots> LookOnceAsync()
    {
        var members = silos.Current.Members.Values;
        var active = members.Where(member => member.Status == SiloStatus.Active).ToDictionary(member => member.SiloAddress.ToParsableString(), member => member.Name);
        foreach (var answered in _late.Where(call => call.Value.IsCompleted || !active.ContainsKey(call.Key)).ToList())
        {
            _late.Remove(answered.Key);
        }

        var reports = await Task.WhenAll(active.Select(async member => _late.ContainsKey(member.Key)
            ? null
            : await AskAsync<SiloReport>(member.Key, async silo => await silo.GetAsync(CancellationToken.None), CancellationToken.None)));
        return new ClusterSlots(
            [.. reports.Zip(active, (report, member) => report ?? new SiloReport { Silo = member.Key, Name = member.Value })],
            [.. active.Keys.Where((_, index) => reports[index] is null)],
            members.Any(member => member.Status is SiloStatus.Created or SiloStatus.Joining));
    }

    public Task<IReadOnlyList<DeviceSlot>?> ReserveAsync(GangShare share, CancellationToken cancellationToken) =>
        AskAsync(share.Silo, silo => silo.ReserveAsync(share.Holders, cancellationToken), cancellationToken);

    public Task ReleaseAsync(string silo, string runId, int generation, CancellationToken cancellationToken) => AskAsync<object>(
        silo,
        async slots =>
        {
            await slots.ReleaseAsync(runId, generation, cancellationToken);
            return null;
        },
        cancellationToken);

    private async Task<T?> AskAsync<T>(string silo, Func<ISiloSlotsGrain, Task<T?>> call, CancellationToken cancellationToken)
        where T : class
    {
        var answer = call(grains.GetGrain<ISiloSlotsGrain>(GrainKeys.SiloSlots(silo)));
        try
        {
            return await answer.WaitAsync(options.SiloTimeout, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is not SlotRefusedException && !cancellationToken.IsCancellationRequested)
        {
            // It may be dying, or just slow: the membership will tell, and until it answers others need not wait for it again.
            _late[silo] = answer;
            LogSilent(exception, silo);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} did not answer about its slots")]
    private partial void LogSilent(Exception exception, string silo);
}
