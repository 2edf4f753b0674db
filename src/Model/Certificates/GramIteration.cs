using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>The largest singular value of matrices from above, rounding included.</summary>
/// <remarks>
/// Gram iteration (Delattre et al. 2023, arXiv 2305.16173), here with every rounding on the safe side: s_j = ||M_j||_F rounded up, M = M_j / s_j,
/// M_(j+1) = M^H M; then b_t = ||M_t||_F rounded up and b_j = s_j sqrt(b_(j+1) + error), the error that of an inner product of m terms of a matrix
/// of Frobenius norm 1 and of the division. b_0 is at most rank^(2^-(t+1)) too large: 1.003 for rank 512 and ten steps.
/// </remarks>
internal static class GramIteration
{
    /// <summary>Steps unless told otherwise.</summary>
    public const int Steps = 10;

    // sigma(M)^2 <= ||M^H M computed|| + 8 m u (complex inner products), and 2 u more for the division by s: twice that is always enough.
    private const double ErrorPerTerm = 16 * Upward.Roundoff;

    // What squares may lose below the smallest normal number, for each matrix: their entries are at most 1.
    private const double Underflow = 1e-290;

    /// <summary>An upper bound of the largest singular value among some matrices.</summary>
    /// <param name="matrices_FRC">Shape [F, rows, columns], float64 or complex128; it stays the caller's.</param>
    /// <param name="steps">Gram products that are made.</param>
    public static double Upper(Tensor matrices_FRC, int steps = Steps)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var scale = PowerOfTwoAbove(Real(matrices_FRC).abs().max().ReadDouble());
        if (scale == 0)
        {
            return 0;
        }

        var m = Scaled(matrices_FRC, tensor(scale, dtype: ScalarType.Float64, device: matrices_FRC.device));
        var norms = new List<double[]>();
        var inner = new List<long>();
        for (var step = 0; step < steps; step++)
        {
            var norm = UpperFrobenius(m);
            norms.Add(norm);
            m = Scaled(m, tensor(norm, dtype: ScalarType.Float64, device: m.device).view(-1, 1, 1));
            var isTall = m.shape[1] >= m.shape[2];
            inner.Add(Math.Max(m.shape[1], m.shape[2]));
            var adjoint = m.transpose(1, 2).conj();
            m = isTall ? adjoint.bmm(m) : m.bmm(adjoint);
        }

        var bound = UpperFrobenius(m);
        for (var step = steps - 1; step >= 0; step--)
        {
            for (var f = 0; f < bound.Length; f++)
            {
                bound[f] = Upward.Times(norms[step][f], Upward.Root(Upward.Plus(bound[f], ErrorPerTerm * (inner[step] + 2))));
            }
        }

        return Upward.Times(scale, bound.Max());
    }

    private static double[] UpperFrobenius(Tensor m_FRC)
    {
        using var scope = NewDisposeScope();
        var flat = Real(m_FRC).flatten(1);
        var sums = (flat * flat).sum([1L]).ReadDoubles();
        return Array.ConvertAll(sums, sum => Upward.Root(Upward.Plus(Upward.Sum(sum, flat.shape[1]), Underflow)));
    }

    private static Tensor Real(Tensor m_FRC) => m_FRC.is_complex() ? view_as_real(m_FRC.resolve_conj()) : m_FRC;

    // Real and imaginary parts by themselves: a division of complex numbers rounds more than once.
    private static Tensor Scaled(Tensor m_FRC, Tensor divisor) => m_FRC.is_complex()
        ? view_as_complex(Real(m_FRC) / (divisor.ndim == 0 ? divisor : divisor.unsqueeze(3)))
        : m_FRC / divisor;

    private static double PowerOfTwoAbove(double value) => value == 0 ? 0 : Math.ScaleB(1, Math.ILogB(value) + 1);
}
