using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Whether the workers of a run compute the same bits, and how they are described to users.</summary>
internal static class RunFingerprints
{
    /// <summary>Refuses a worker whose environment or data differ from the leading rank's.</summary>
    /// <exception cref="WorkerInputException">Names the ranks that differ.</exception>
    public static void Check(IReadOnlyList<WorkerJoined> workers, bool allowMixed)
    {
        var odd = workers.Where(worker => worker.Fingerprint != workers[0].Fingerprint).ToList();
        if (odd.Count > 0 && !allowMixed)
        {
            throw new WorkerInputException(
                $"ranks {string.Join(", ", odd.Select(worker => worker.Rank))} have another libtorch, device or data set than rank 0 " +
                $"({odd[0].Fingerprint}, expected {workers[0].Fingerprint}); results would depend on who computes what. Allow it with --allow-mixed");
        }
    }

    /// <summary>What a rank computes and owns.</summary>
    public static RankAssignment Describe(WorkerJoined worker, int worldSize, int shards)
    {
        var (first, count) = ShardPlan.ShardsOf(worker.Rank, worldSize, shards).GetOffsetAndLength(shards);
        return new RankAssignment(worker.Rank, first, count, worker.OwnedLayers, worker.Threads, worker.Device, worker.Silo);
    }
}
