using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Collectives.Routing;

/// <summary>Chooses the transport of every pair of processes.</summary>
internal static class LinkPlanner
{
    /// <summary>Whether ranks of one process reach each other by memory, unless each is told to go through another transport.</summary>
    public static bool SharesMemory(string transport) => transport is not (TransportNames.Stream or TransportNames.Grain);

    /// <summary>Ways to all processes that memory does not reach.</summary>
    /// <exception cref="WorkerInputException">The transport that was asked for cannot do it.</exception>
    public static IReadOnlyList<LinkPlan> Plan(Guid local, int rank, string transport, WorkerPeers peers)
    {
        var plans = new List<LinkPlan>();
        foreach (var (peer, address) in peers.ByRank.Index().DistinctBy(entry => entry.Item.Process))
        {
            var process = Guid.Parse(address.Process);
            var isHere = process == local;
            if (isHere && (SharesMemory(transport) || peers.ByRank.Count(other => other.Process == address.Process) == 1))
            {
                continue;
            }

            if (transport == TransportNames.Memory)
            {
                throw new WorkerInputException($"transport memory: ranks {rank} and {peer} are in different processes; use auto, stream or grain");
            }

            if (transport == TransportNames.Stream && address.StreamEndpoint.Length == 0)
            {
                throw new WorkerInputException($"transport stream: rank {peer} has no stream listener; use auto or grain");
            }

            var usesStream = transport != TransportNames.Grain && address.StreamEndpoint.Length > 0 && peers.Token.Length > 0;
            var usesGrain = transport != TransportNames.Stream;
            plans.Add(new LinkPlan(address, process, usesStream, Dials: local.CompareTo(process) <= 0, usesGrain));
            if (isHere && usesStream)
            {
                plans.Add(new LinkPlan(address, process, usesStream, Dials: false, usesGrain)); // the other end of the connection to itself
            }
        }

        return plans;
    }
}
