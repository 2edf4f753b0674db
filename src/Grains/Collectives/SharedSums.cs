using System.Collections.Concurrent;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Sums that the ranks of one process add up in its memory before they leave it: a link carries them once, not once a rank.</summary>
/// <remarks>Along the fixed tree over shards, so that the owner gets the very sums it would have made itself. Safe for concurrent calls.</remarks>
internal sealed class SharedSums : IDisposable
{
    private readonly ConcurrentDictionary<(int Speaker, ParcelKey Key), Pending> _pending = new();

    /// <summary>Adds a rank's sums, which it gives up; the rank that comes last gets those of all, one for each maximal subtree of their shards.</summary>
    /// <param name="speaker">The first of the ranks that add.</param>
    /// <param name="ranks">How many they are.</param>
    /// <param name="shards">V, the number of logical shards.</param>
    public IReadOnlyList<KeyValuePair<TreeNode, SubtreeSum>>? Add(
        int speaker, ParcelKey key, int ranks, int shards, IReadOnlyList<KeyValuePair<TreeNode, SubtreeSum>> sums)
    {
        var pending = _pending.GetOrAdd((speaker, key), static (_, shards) => new Pending(new SummationTree<SubtreeSum>(shards, SubtreeSum.Combine)), shards);
        foreach (var (node, sum) in sums)
        {
            pending.Tree.Add(node, sum.On(ComputeDevice.Cpu)); // ranks of one process may have devices of their own
        }

        if (pending.Arrive() < ranks)
        {
            return null;
        }

        _pending.TryRemove((speaker, key), out _);
        return pending.Tree.Subtrees;
    }

    /// <summary>Gives up what waits for ranks that have left.</summary>
    public void Dispose()
    {
        foreach (var sum in _pending.Values.SelectMany(pending => pending.Tree.Subtrees))
        {
            sum.Value.Dispose();
        }

        _pending.Clear();
    }

    private sealed class Pending(SummationTree<SubtreeSum> tree)
    {
        private int _arrived;

        public SummationTree<SubtreeSum> Tree => tree;

        public int Arrive() => Interlocked.Increment(ref _arrived);
    }
}
