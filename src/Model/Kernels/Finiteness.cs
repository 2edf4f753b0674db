using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>Whether numbers are NaN or infinite.</summary>
internal static class Finiteness
{
    /// <summary>Whether no element is.</summary>
    public static bool IsFinite(this Tensor t) => AreFinite([t]);

    /// <summary>Whether no element of any is; of another device in one read: then all differences from itself are 0.</summary>
    public static bool AreFinite(IReadOnlyList<Tensor> tensors)
    {
        if (tensors.All(t => WeightSweeps.Take(t)))
        {
            return tensors.All(WeightSweeps.IsFinite);
        }

        using var scope = NewDisposeScope();
        return stack(tensors.Select(t => (t - t).sum().to(ScalarType.Float64))).sum().ReadDouble() == 0;
    }
}
