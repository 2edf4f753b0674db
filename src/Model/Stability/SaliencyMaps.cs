using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Stability;

/// <summary>How alike two saliency maps are, sample by sample; a map is a gradient by the image, shape [B, C, H, W].</summary>
internal static class SaliencyMaps
{
    /// <summary>||b - a|| / ||a||: the relative gradient robustness where b is the gradient under noise; NaN where a is nothing.</summary>
    public static double[] RelativeChange(Tensor a_BCHW, Tensor b_BCHW)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Rows(a_BCHW), Rows(b_BCHW));
        return (Norm(b - a) / Norm(a)).ReadDoubles();
    }

    /// <summary>Cosine of the angle between them, -1..1; NaN where one is nothing.</summary>
    public static double[] Cosine(Tensor a_BCHW, Tensor b_BCHW)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Rows(a_BCHW), Rows(b_BCHW));
        return ((a * b).sum([1L]) / (Norm(a) * Norm(b))).ReadDoubles();
    }

    /// <summary>The share of the k pixels with the largest sizes that both have in common, 0..1; of equals the earlier counts.</summary>
    public static double[] TopOverlap(Tensor a_BCHW, Tensor b_BCHW, int k)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Top(a_BCHW, k), Top(b_BCHW, k));
        return [.. a.Zip(b, (one, other) => (double)one.Intersect(other).Count() / one.Count)];
    }

    private static List<List<int>> Top(Tensor t_BCHW, int k)
    {
        var rows = Rows(t_BCHW).abs();
        return [.. rows.ReadDoubles().Chunk((int)rows.shape[1]).Select(sizes => Enumerable.Range(0, sizes.Length).OrderByDescending(pixel => sizes[pixel]).Take(k).ToList())];
    }

    private static Tensor Rows(Tensor t_BCHW) => t_BCHW.flatten(1).to(ScalarType.Float64);

    private static Tensor Norm(Tensor rows) => (rows * rows).sum([1L]).sqrt();
}
