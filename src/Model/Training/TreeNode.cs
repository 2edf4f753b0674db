namespace Lcnn.Distributed.Model.Training;

/// <summary>A node of the fixed binary tree over shards 0 .. V-1: at level L, node I stands for shards I 2^L .. (I+1) 2^L - 1.</summary>
public readonly record struct TreeNode(int Level, int Index)
{
    /// <summary>The leaf of one shard.</summary>
    public static TreeNode Leaf(int shard) => new(0, shard);

    /// <summary>Whether it is its parent's first summand.</summary>
    public bool IsLeft => (Index & 1) == 0;

    /// <summary>The other child of the same parent.</summary>
    public TreeNode Sibling => this with { Index = Index ^ 1 };

    /// <summary>The node one level up.</summary>
    public TreeNode Parent => new(Level + 1, Index >> 1);
}
