using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Grants slots to gangs, whole or not at all, in the order of the queue.</summary>
/// <remarks>
/// It works in rounds: a round asks every silo once, whatever the number of those that wait, and serves all requests that came in before
/// it, in the order of the queue. It remembers nothing but the queue: what is granted, the silos know. So whoever takes its place goes on
/// from what they hold and what coordinators ask again; only the order of those that have not yet asked again, and whose turn it was, is
/// open in the first seconds after a loss. No two gangs can wait for each other: a silo either reserves its whole share or nothing, and
/// when one of them cannot, all are released. Used in one grain's turns only.
/// </remarks>
internal sealed class GangPlacement(GangQueue queue, IClusterSilos silos, TimeSpan interval, TimeProvider clock)
{
    private const int Attempts = 3;

    private Dictionary<string, Asked> _asked = []; // by run, for the next round
    private Dictionary<string, Asked> _waiting = []; // for the next but by the interval
    private long? _servedAt;
    private bool _isServing;
    private bool _isPulsing;

    /// <summary>One slot for each rank in order; null while the run has to wait.</summary>
    /// <exception cref="GangTooLargeException">No number of free slots would be enough.</exception>
    /// <exception cref="SlotRefusedException">A later generation of the run has asked for slots.</exception>
    public Task<IReadOnlyList<DeviceSlot>?> RequestAsync(GangRequest request, CancellationToken cancellationToken)
    {
        queue.Join(request);
        var asked = Enter(_asked, request);
        ServeAsync().Ignore();
        return asked.Answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>As <see cref="RequestAsync"/>, but while the run has to wait it is served round after round, until its slots are there, it is withdrawn, or its patience is over.</summary>
    /// <remarks>Those that wait are served together, a round an interval. Who comes when nobody waits, nor was served just before, is served at once.</remarks>
    public async Task<IReadOnlyList<DeviceSlot>?> AwaitAsync(GangRequest request, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (since, hasAsked) = (clock.GetTimestamp(), queue.IsEmpty && (_servedAt is not { } at || clock.GetElapsedTime(at) >= interval));
        if (!hasAsked)
        {
            queue.Join(request);
        }
        else if (await RequestAsync(request, cancellationToken) is { } free)
        {
            return free;
        }

        for (; queue.Contains(request.RunId) && (!hasAsked || clock.GetElapsedTime(since) < patience); hasAsked = true)
        {
            if (await NextRoundAsync(request, cancellationToken) is { } slots)
            {
                return slots;
            }
        }

        return null;
    }

    /// <summary>How many slots the request would get now; nothing is kept for it.</summary>
    public async Task<int> CountGrantedAsync(GangRequest request, CancellationToken cancellationToken)
    {
        var cluster = await silos.LookAsync(cancellationToken);
        queue.Join(request);
        var kept = new KeptSilos(cluster);
        foreach (var other in queue.AheadOf(request))
        {
            kept.Add(other);
        }

        var plan = GangPlan.Find(request, kept, cluster);
        queue.Leave(request.RunId);
        return plan?.Shares.Sum(share => share.Holders.Count) ?? 0;
    }

    private static Asked Enter(Dictionary<string, Asked> round, GangRequest request)
    {
        if (!round.TryGetValue(request.RunId, out var asked) || asked.Request.Generation < request.Generation)
        {
            asked?.Answer.TrySetResult(null); // of a generation that is over
            round[request.RunId] = asked = new Asked(request);
        }

        return asked;
    }

    private async Task<IReadOnlyList<DeviceSlot>?> NextRoundAsync(GangRequest request, CancellationToken cancellationToken)
    {
        var asked = Enter(_waiting, request);
        PulseAsync().Ignore();
        try
        {
            return await asked.Answer.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _waiting.Remove(request.RunId);
            throw;
        }
    }

    private async Task PulseAsync()
    {
        if (_isPulsing)
        {
            return;
        }

        _isPulsing = true;
        await Task.Delay(interval, clock);
        _isPulsing = false;
        var waiting = _waiting;
        _waiting = [];
        foreach (var (runId, one) in waiting)
        {
            if (!queue.Contains(runId))
            {
                one.Answer.TrySetResult(null); // was withdrawn
            }
            else if (!queue.TryKeep(one.Request) || !_asked.TryAdd(runId, one))
            {
                one.Answer.TrySetResult(null); // another of the run's asks
            }
        }

        await ServeAsync();
    }

    private async Task ServeAsync()
    {
        if (_isServing)
        {
            return;
        }

        _isServing = true;
        while (_asked.Count > 0)
        {
            var asked = _asked;
            (_asked, _servedAt) = ([], clock.GetTimestamp());
            try
            {
                await ServeAsync(asked);
            }
            catch (Exception exception)
            {
                foreach (var one in asked.Values)
                {
                    one.Answer.TrySetException(exception);
                }
            }
        }

        _isServing = false;
    }

    private async Task ServeAsync(IReadOnlyDictionary<string, Asked> asked)
    {
        for (var attempt = 0; attempt < Attempts && asked.Count > 0; attempt++)
        {
            var round = new GangRound(queue, await silos.LookAsync(CancellationToken.None));
            var decided = round.Decide(asked);
            var again = await Task.WhenAll(decided.Select(CarryOutAsync));
            asked = decided.Where((_, index) => again[index]).ToDictionary(one => one.Asked.Request.RunId, one => one.Asked);
        }

        foreach (var one in asked.Values)
        {
            one.Answer.TrySetResult(null);
        }
    }

    // Whether it has to be decided again, by another look.
    private async Task<bool> CarryOutAsync(GangDecision decision)
    {
        try
        {
            return await TryCarryOutAsync(decision);
        }
        catch (Exception exception)
        {
            decision.Asked.Answer.TrySetException(exception); // is that run's alone
            return false;
        }
    }

    private async Task<bool> TryCarryOutAsync(GangDecision decision)
    {
        var (asked, request) = (decision.Asked, decision.Asked.Request);
        if (decision.Plan is { } plan)
        {
            var slots = decision.IsRepeated ? await ReserveAsync(plan) : await TryReserveAsync(request, plan);
            if (slots is not null)
            {
                queue.Grant(request);
            }

            if (slots is not null || decision.IsRepeated)
            {
                asked.Answer.TrySetResult(slots);
                return false;
            }

            return true;
        }

        if (decision.Released.Count > 0)
        {
            await ReleaseAsync(request, decision.Released); // what is left of a gang is of no use
            return true;
        }

        asked.Answer.TrySetResult(null);
        return false;
    }

    private async Task<IReadOnlyList<DeviceSlot>?> ReserveAsync(GangPlan plan)
    {
        var slots = await Task.WhenAll(plan.Shares.Select(share => silos.ReserveAsync(share, CancellationToken.None)));
        return slots.Contains(null) ? null : [.. slots.SelectMany(share => share!)];
    }

    private async Task<IReadOnlyList<DeviceSlot>?> TryReserveAsync(GangRequest request, GangPlan plan)
    {
        IReadOnlyList<DeviceSlot>? slots = null;
        try
        {
            return slots = await ReserveAsync(plan);
        }
        finally
        {
            if (slots is null)
            {
                await ReleaseAsync(request, plan.Shares.Select(share => share.Silo));
            }
        }
    }

    private Task ReleaseAsync(GangRequest request, IEnumerable<string> from) =>
        Task.WhenAll(from.Select(silo => silos.ReleaseAsync(silo, request.RunId, request.Generation, CancellationToken.None)));
}

/// <summary>A request whose caller waits for the answer.</summary>
internal sealed class Asked(GangRequest request)
{
    public GangRequest Request { get; } = request;

    public TaskCompletionSource<IReadOnlyList<DeviceSlot>?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
