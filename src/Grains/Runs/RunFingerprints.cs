using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Whether the workers of a run compute the same bits, and how they are described to users.</summary>
internal static class RunFingerprints
{
    /// <summary>Finds workers whose environment or data are not those that the run began with.</summary>
    /// <param name="workers">In rank order.</param>
    /// <param name="first">Fingerprint of the run's first workers; empty while these are the first: then the leading rank's counts.</param>
    /// <returns>The first of them, and a text that names all; null when there are none.</returns>
    public static (int Rank, string Problem)? FindOdd(IReadOnlyList<WorkerJoined> workers, string first)
    {
        var (expected, owner) = first.Length > 0 ? (first, "the run began with") : (workers[0].Fingerprint, "rank 0");
        var odd = workers.Where(worker => worker.Fingerprint != expected).ToList();
        return odd.Count == 0 ? null : (odd[0].Rank,
            $"ranks {string.Join(", ", odd.Select(worker => worker.Rank))} have another libtorch, device, data set or operation than {owner} " +
            $"({odd[0].Fingerprint}, expected {expected}); results would depend on who computes what. Allow it with --allow-mixed");
    }

    /// <summary>What a rank computes and owns.</summary>
    public static RankAssignment Describe(WorkerJoined worker, int worldSize, int shards)
    {
        var (first, count) = ShardPlan.ShardsOf(worker.Rank, worldSize, shards).GetOffsetAndLength(shards);
        return new RankAssignment(worker.Rank, first, count, worker.OwnedLayers, worker.Threads, worker.Device, worker.Silo);
    }
}
