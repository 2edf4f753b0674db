using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>Norms of the rows of a weight, from above.</summary>
internal static class RowNorms
{
    /// <summary>The largest 2-norm and the largest 1-norm of a row.</summary>
    /// <param name="weight_OX">float64, shape [rows, ...].</param>
    public static (double Norm, double Sum) Largest(Tensor weight_OX)
    {
        using var scope = NewDisposeScope();
        var rows = weight_OX.reshape(weight_OX.shape[0], -1);
        var squares = (rows * rows).sum([1L]).max().ReadDouble();
        var sums = rows.abs().sum([1L]).max().ReadDouble();
        return (Upward.Root(Upward.Sum(squares, rows.shape[1])), Upward.Sum(sums, rows.shape[1]));
    }

    /// <summary>The Frobenius norm.</summary>
    public static double Frobenius(Tensor weight)
    {
        using var scope = NewDisposeScope();
        return Upward.Root(Upward.Sum((weight * weight).sum().ReadDouble(), weight.numel()));
    }
}
