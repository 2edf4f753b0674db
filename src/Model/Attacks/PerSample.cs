using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>What is computed for every sample of a batch by itself.</summary>
internal static class PerSample
{
    /// <summary>The size of each, shape [B, 1, 1, 1].</summary>
    /// <param name="t_BCHW">Perturbations.</param>
    public static Tensor Size(Tensor t_BCHW, AttackNorm norm)
    {
        var rows = t_BCHW.flatten(1);
        var sizes = norm == AttackNorm.L2 ? (rows * rows).sum([1L]).sqrt() : rows.abs().amax([1L]);
        return sizes.view(-1, 1, 1, 1);
    }

    /// <summary>The same as numbers, from float64.</summary>
    public static double[] Sizes(Tensor t_BCHW, AttackNorm norm)
    {
        using var scope = NewDisposeScope();
        return Size(t_BCHW.to(ScalarType.Float64), norm).ReadDoubles();
    }

    /// <summary>Whether each sample's largest logit is another one than its label's, shape [B], bool.</summary>
    public static Tensor IsFooled(Tensor logits_BK, Tensor labels_B) => logits_BK.argmax(1).ne(labels_B);

    /// <summary>Whether each sample's numbers are all zero, shape [B], bool.</summary>
    public static Tensor IsNothing(Tensor t_BCHW) => t_BCHW.flatten(1).abs().amax([1L]).logical_not();

    /// <summary>Conditions as numbers of the host.</summary>
    public static bool[] Read(Tensor conditions_B)
    {
        using var numbers = conditions_B.to(ScalarType.Float64);
        return Array.ConvertAll(numbers.ReadDoubles(), value => value != 0);
    }

    /// <summary>For every sample the first where its condition holds, else the second.</summary>
    public static Tensor Choose(Tensor condition_B, Tensor first, Tensor second) =>
        where(condition_B.view([-1, .. Enumerable.Repeat(1L, (int)first.ndim - 1)]), first, second);

    /// <summary>The samples of some rows.</summary>
    public static Tensor Rows(Tensor t, IReadOnlyList<int> rows) =>
        t.index_select(0, tensor(rows.Select(row => (long)row).ToArray(), device: t.device));
}
