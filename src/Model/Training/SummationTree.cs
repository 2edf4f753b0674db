using System.Numerics;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Sums over shards along one fixed binary tree, whatever the order in which the summands come (promise P1).</summary>
/// <remarks>Siblings are combined left to right as soon as both are there, so at most log2(V) sums wait. Safe for concurrent calls.</remarks>
/// <param name="shards">V, a power of two.</param>
/// <param name="combine">The sum of a left and a right value; may use up both.</param>
public sealed class SummationTree<T>(int shards, Func<T, T, T> combine)
{
    private readonly int _rootLevel = BitOperations.Log2((uint)shards);
    private readonly Dictionary<TreeNode, T> _waiting = [];
    private readonly Lock _gate = new();

    /// <summary>The sums that wait for a sibling: the maximal subtrees of what was added, in shard order.</summary>
    public IReadOnlyList<KeyValuePair<TreeNode, T>> Subtrees
    {
        get
        {
            lock (_gate)
            {
                return [.. _waiting.OrderBy(entry => entry.Key.Index << entry.Key.Level)];
            }
        }
    }

    /// <summary>Whether every shard is in.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 1 && _waiting.ContainsKey(new TreeNode(_rootLevel, 0));
            }
        }
    }

    /// <summary>The sum over all shards.</summary>
    /// <exception cref="InvalidOperationException">A shard is missing.</exception>
    public T Total => IsComplete
        ? _waiting[new TreeNode(_rootLevel, 0)]
        : throw new InvalidOperationException($"the sum over {shards} shards is not complete: {_waiting.Count} subtrees wait");

    /// <summary>Adds the sum of one subtree.</summary>
    public void Add(TreeNode node, T value)
    {
        // Combining under the lock would serialise threads; taking the sibling out first leaves it to one of them.
        while (TakeSibling(node, value, out var sibling))
        {
            value = node.IsLeft ? combine(value, sibling) : combine(sibling, value);
            node = node.Parent;
        }
    }

    private bool TakeSibling(TreeNode node, T value, out T sibling)
    {
        lock (_gate)
        {
            if (node.Level < _rootLevel && _waiting.Remove(node.Sibling, out sibling!))
            {
                return true;
            }

            _waiting.Add(node, value);
            sibling = default!;
            return false;
        }
    }
}

/// <summary>Sums along that tree of what is all there.</summary>
public static class SummationTree
{
    /// <summary>The sum of all shards' values, given in their order.</summary>
    public static T Total<T>(IReadOnlyList<T> values, Func<T, T, T> combine)
    {
        var tree = new SummationTree<T>(values.Count, combine);
        for (var shard = 0; shard < values.Count; shard++)
        {
            tree.Add(TreeNode.Leaf(shard), values[shard]);
        }

        return tree.Total;
    }
}
