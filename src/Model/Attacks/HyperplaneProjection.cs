using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>The smallest change that takes a point onto a hyperplane without leaving the range of pixels.</summary>
/// <remarks>
/// The best change of size lambda moves every pixel in the direction of its weight by min(lambda d, room): d = 1 for Linf, |w| for l2. What that
/// gains grows piecewise linearly in lambda, with a corner where a pixel's room is used up; lambda follows from the piece in which the gain is enough.
/// </remarks>
internal static class HyperplaneProjection
{
    private const double NoBounds = 1e10; // room that no picture uses up
    private const double Tiny = 1e-12;

    /// <summary>Changes delta with w (t + delta) = b, as far as the range lets them: at its corner at most. Shape [B, n].</summary>
    /// <param name="t_BN">Points, within the range.</param>
    /// <param name="w_BN">Normals.</param>
    /// <param name="b_B">Offsets.</param>
    public static Tensor Change(Tensor t_BN, Tensor w_BN, Tensor b_B, NormBall ball)
    {
        using var scope = NewDisposeScope();
        var missing_B1 = (b_B - (w_BN * t_BN).sum([1L])).unsqueeze(1);
        var direction_BN = w_BN.sign() * where(missing_B1.IsAtLeast(0), ones_like(missing_B1), ones_like(missing_B1).neg());
        var weight_BN = w_BN.abs();
        var room_BN = Room(t_BN, direction_BN, ball.Range);
        var rate_BN = ball.Norm == AttackNorm.Linf ? weight_BN.IsAbove(0).to(w_BN.dtype) : weight_BN; // d
        var lambda_B1 = Lambda(missing_B1.abs(), weight_BN, rate_BN, room_BN);
        return (direction_BN * (lambda_B1 * rate_BN).minimum(room_BN)).MoveToOuterDisposeScope();
    }

    private static Tensor Room(Tensor t_BN, Tensor direction_BN, PixelRange range)
    {
        if (!range.IsBounded)
        {
            return ones_like(t_BN).Times(NoBounds);
        }

        return where(direction_BN.IsAbove(0), t_BN.neg().Plus(range.Most), t_BN.Plus(-range.Least)).AtLeast(0);
    }

    private static Tensor Lambda(Tensor missing_B1, Tensor weight_BN, Tensor rate_BN, Tensor room_BN)
    {
        // Pixels without weight are never full; they gain nothing.
        var (full_BN, order_BN) = (room_BN / rate_BN.AtLeast(1e-30)).AtMost(1e30).sort(1);
        var slopes_BN = (weight_BN * rate_BN).gather(1, order_BN);
        var gains_BN = (weight_BN * room_BN).gather(1, order_BN);
        var used_BN = gains_BN.cumsum(1) - gains_BN; // by the pixels that are full before the corner
        var slope_BN = slopes_BN.flip(1).cumsum(1).flip(1); // of those that are not, the corner's own included
        var isEnough_BN = used_BN.Plus(full_BN * slope_BN).ge(missing_B1);
        var isReached_B1 = isEnough_BN.any(1, keepdim: true);
        var corner_B1 = isEnough_BN.to(ScalarType.Int32).argmax(1, keepdim: true); // the first
        var lambda_B1 = (missing_B1 - used_BN.gather(1, corner_B1)) / slope_BN.gather(1, corner_B1).AtLeast(Tiny * Tiny);
        return where(isReached_B1, lambda_B1.AtLeast(0), ones_like(lambda_B1).Times(1e30));
    }
}
