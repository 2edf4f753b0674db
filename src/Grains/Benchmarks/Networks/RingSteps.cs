using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.Grains.Benchmarks.Networks;

/// <summary>Steps with a ring all-reduce over the same buckets and links, for comparison.</summary>
/// <remarks>
/// Ranks of a process add up inside it, which costs nothing here. Buckets go round one after the other while the backward pass goes on: a
/// reduce-scatter and an all-gather, each of S-1 turns in which every one of S processes sends an S-th. Then every rank does the owners' work
/// for all layers, as data parallelism without owners does.
/// </remarks>
internal static class RingSteps
{
    /// <summary>Seconds of a step.</summary>
    public static double Measure(Network network, ExchangePlan plan, StepCosts costs, NetworkBenchmarkOptions options)
    {
        var processes = plan.WorldSize / options.WorkersPerProcess;
        var (computed, reduced, owner) = (costs.Forward, 0.0, 0.0);
        for (var bucket = 0; bucket < plan.Buckets.Count; bucket++)
        {
            var (first, count) = plan.Buckets.LayersOf(bucket).GetOffsetAndLength(network.Layers.Count);
            var bytes = Enumerable.Range(first, count).Sum(layer => network.Layers[layer].EffectiveCount * sizeof(float));
            var turns = (bytes * (processes - 1.0) / processes / options.BytesPerSecond) + ((processes - 1) * options.RoundTrip.TotalSeconds / 2);
            computed += costs.Backward(plan.Buckets.LayersOf(bucket));
            reduced = Math.Max(reduced, computed) + (2 * turns);
            owner += Enumerable.Range(first, count).Sum(layer => 2 * costs.Apply(layer));
        }

        return reduced + owner;
    }
}
