using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>What attacks make large.</summary>
internal static class AttackLosses
{
    private const double Tiny = 1e-12;

    /// <summary>The cross-entropy.</summary>
    public static AttackLoss CrossEntropy(Tensor labels_B) => logits_BK => functional.cross_entropy(logits_BK, labels_B, reduction: Reduction.None);

    /// <summary>z_t - z_y.</summary>
    public static AttackLoss Difference(Tensor labels_B, Tensor targets_B) => logits_BK => Of(logits_BK, targets_B) - Of(logits_BK, labels_B);

    /// <summary>The targeted difference of logits ratio, (z_t - z_y) / (z_(1) - (z_(3) + z_(4)) / 2); it wants four classes (Croce and Hein 2020).</summary>
    public static AttackLoss TargetedRatio(Tensor labels_B, Tensor targets_B) => logits_BK =>
    {
        var sorted = logits_BK.sort(1, descending: true).Values;
        var spread = sorted.select(1, 0) - sorted.select(1, 2).Plus(sorted.select(1, 3)).Times(0.5);
        return (Of(logits_BK, targets_B) - Of(logits_BK, labels_B)) / spread.Plus(Tiny);
    };

    /// <summary>The difference of logits ratio, -(z_y - max of the others) / (z_(1) - z_(3)); it wants three classes.</summary>
    public static AttackLoss Ratio(Tensor labels_B) => logits_BK =>
    {
        var sorted = logits_BK.sort(1, descending: true).Values;
        var isFirst = logits_BK.argmax(1).eq(labels_B);
        var other = where(isFirst, sorted.select(1, 1), sorted.select(1, 0));
        return (other - Of(logits_BK, labels_B)) / (sorted.select(1, 0) - sorted.select(1, 2)).Plus(Tiny);
    };

    /// <summary>The classes by their logits, the largest first, shape [B, K].</summary>
    public static Tensor Ranking(Tensor logits_BK) => logits_BK.argsort(1, descending: true);

    private static Tensor Of(Tensor logits_BK, Tensor classes_B) => logits_BK.gather(1, classes_B.unsqueeze(1)).squeeze(1);
}
