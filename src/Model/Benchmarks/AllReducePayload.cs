using System.Runtime.InteropServices;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>Gradients whose sum over ranks is known: element i of rank r is (i mod 13 + 1) times r + 1.</summary>
public static class AllReducePayload
{
    private const int Period = 13;

    /// <summary>One intra-op thread for the calling thread, as a worker's own threads have.</summary>
    public static void ClaimThread() => OneIntraOpThread.Claim();

    /// <summary>One rank's gradient of so many numbers.</summary>
    public static LayerGradient Create(int rank, long count)
    {
        var flat = empty(count, dtype: ScalarType.Float32).DetachFromDisposeScope();
        var values = MemoryMarshal.Cast<byte, float>(flat.bytes);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Value(i) * (rank + 1);
        }

        return new LayerGradient([flat], null);
    }

    /// <summary>A gradient that may be used up.</summary>
    public static LayerGradient Copy(LayerGradient gradient) => new([.. gradient.OfParameters.Select(t => t.clone().DetachFromDisposeScope())], null);

    /// <summary>The sum as an owner hands it to all; uses up the gradient.</summary>
    public static PreparedLayer Publish(LayerGradient sum)
    {
        using (sum)
        {
            return new PreparedLayer([.. sum.OfParameters.Select(t => t.detach().DetachFromDisposeScope())], default(PenaltyTerms), gain: null);
        }
    }

    /// <summary>Whether every number is the sum over all ranks.</summary>
    public static bool IsSum(PreparedLayer layer, int ranks)
    {
        var sum = ranks * (ranks + 1) / 2;
        var values = MemoryMarshal.Cast<byte, float>(layer.Effective[0].bytes);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != Value(i) * sum)
            {
                return false;
            }
        }

        return true;
    }

    private static float Value(int i) => (i % Period) + 1;
}
