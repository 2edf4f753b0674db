using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Decides on all requests of a round by one look at the silos, in the order of the queue.</summary>
/// <remarks>What one is given, those behind it find taken. Who was in the queue before and does not ask now holds its place all the same.</remarks>
internal sealed class GangRound(GangQueue queue, ClusterSlots cluster)
{
    private readonly KeptSilos _kept = new(cluster);
    private ClusterSlots _cluster = cluster;

    /// <summary>What is to be done about each request; of those that are refused, the caller hears at once.</summary>
    /// <param name="asked">The requests, by run; one whose run has no place any more has to wait.</param>
    public IReadOnlyList<GangDecision> Decide(IReadOnlyDictionary<string, Asked> asked)
    {
        var decisions = asked.Values.Where(one => !queue.Contains(one.Request.RunId)).Select(one => new GangDecision(one, null)).ToList();
        foreach (var request in queue.Order())
        {
            var decision = asked.TryGetValue(request.RunId, out var one) ? TryDecide(one) : null;
            if (decision is not null)
            {
                decisions.Add(decision);
            }

            if (decision?.Plan is null && queue.Contains(request.RunId))
            {
                _kept.Add(request);
            }
        }

        return decisions;
    }

    private GangDecision? TryDecide(Asked asked)
    {
        var request = asked.Request;
        if (FindRefusal(request) is { } refusal)
        {
            queue.Leave(request.RunId);
            asked.Answer.TrySetException(refusal);
            return null;
        }

        var holding = SilosHolding(request);
        if (holding.Count > 0 && !_cluster.IsCompleteFor(request))
        {
            return new GangDecision(asked, null); // a silo that is silent may have the rest of the gang
        }

        if (GangPlan.Granted(request, _cluster) is { } granted)
        {
            return new GangDecision(asked, granted, IsRepeated: true);
        }

        if (holding.Count > 0)
        {
            return new GangDecision(asked, null) { Released = holding };
        }

        if (GangPlan.Find(request, _kept, _cluster) is not { } plan)
        {
            return new GangDecision(asked, null);
        }

        _cluster = _cluster.Promise(plan);
        return new GangDecision(asked, plan);
    }

    private Exception? FindRefusal(GangRequest request) =>
        _cluster.HeldBy(request.RunId).Any(held => held.Holder.Generation > request.Generation)
            ? new SlotRefusedException($"Generation {request.Generation} of run {request.RunId} asks for slots, but a later one has some")
            : _cluster.IsTooSmallFor(request)
                ? TooLarge(request)
                : null;

    private GangTooLargeException TooLarge(GangRequest request) => new(_cluster.DescribeLacks(request) is { Length: > 0 } lacks
        ? $"Run {request.RunId} needs {request.Minimum} slots; the silos that can train it have {_cluster.Silos.Where(silo => request.Needs?.LackOf(silo) is null).Sum(silo => silo.Slots.Count)}{lacks}. Use fewer workers, or add what is lacking to the program of every silo"
        : $"Run {request.RunId} needs {request.Minimum} slots; the whole cluster has {_cluster.Count}. Use fewer workers, or start more silos");

    private HashSet<string> SilosHolding(GangRequest request) => _cluster.HeldBy(request.RunId)
        .Where(held => held.Holder.Generation == request.Generation)
        .Select(held => held.Silo)
        .ToHashSet();
}

/// <summary>What is to be done about a request; with neither plan nor release it has to wait.</summary>
/// <param name="Asked">The request.</param>
/// <param name="Plan">The slots to reserve for it.</param>
/// <param name="IsRepeated">Whether it has them already.</param>
internal sealed record GangDecision(Asked Asked, GangPlan? Plan, bool IsRepeated = false)
{
    /// <summary>Silos that have a part of a gang of which the rest is gone.</summary>
    public IReadOnlyCollection<string> Released { get; init; } = [];
}

/// <summary>The silos whose free slots are for those who wait further ahead.</summary>
/// <remarks>
/// Nobody knows when a run ends, so a slot that somebody ahead could use is kept for them even if it is not enough yet: else a large gang
/// would wait for ever. What nobody ahead may use, as they avoid its silo, is given to those behind, who delay nobody by that. Whoever waits
/// for silos that are not there holds up nobody.
/// </remarks>
internal sealed class KeptSilos(ClusterSlots cluster)
{
    private readonly HashSet<string> _silos = [];

    /// <summary>A request that waits.</summary>
    public void Add(GangRequest request)
    {
        if (_silos.Count < cluster.Silos.Count && cluster.CouldServe(request))
        {
            _silos.UnionWith(cluster.UsableFor(request).Select(silo => silo.Silo));
        }
    }

    /// <summary>Whether free slots of a silo are kept for others.</summary>
    public bool Contains(string silo) => _silos.Contains(silo);
}
