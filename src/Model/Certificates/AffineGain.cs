namespace Lcnn.Distributed.Model.Certificates;

/// <summary>What an affine map does to distances, each figure an upper bound.</summary>
/// <param name="Norm">2 to 2: the operator norm.</param>
/// <param name="RowNorm">2 to infinity: the largest 2-norm of a row.</param>
/// <param name="RowSum">Infinity to infinity: the largest 1-norm of a row; infinite where nobody knows.</param>
public readonly record struct AffineGain(double Norm, double RowNorm, double RowSum)
{
    /// <summary>The map times a number.</summary>
    internal AffineGain Times(double factor) =>
        new(Upward.Times(factor, Norm), Upward.Times(factor, RowNorm), Upward.Times(factor, RowSum));
}
