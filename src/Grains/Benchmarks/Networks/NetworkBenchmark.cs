using System.Numerics;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.Grains.Benchmarks.Networks;

/// <summary>How long a step would take over links that this machine does not have: the engine's own plan of owners and parcels on a simulated network.</summary>
public static class NetworkBenchmark
{
    /// <summary>A step of so many workers.</summary>
    /// <exception cref="ArgumentException">The network is unknown, or the workers do not fill their processes.</exception>
    public static NetworkTiming Simulate(NetworkBenchmarkOptions options, int workers)
    {
        if (workers < options.WorkersPerProcess || workers % options.WorkersPerProcess != 0)
        {
            throw new ArgumentException($"{workers} workers do not fill processes of {options.WorkersPerProcess}", nameof(workers));
        }

        var network = Architectures.Build(options.Architecture, new ImageShape(options.Image[0], options.Image[1], options.Image[2]), options.Classes);
        var shards = options.Shards ?? (int)BitOperations.RoundUpToPowerOf2((uint)workers);
        var plan = new ExchangePlan(network, workers, shards, options.BucketBytes);
        var costs = new StepCosts(network, options);
        var links = new SimulatedNetwork(workers / options.WorkersPerProcess, options.BytesPerSecond, options.RoundTrip);
        var steps = new SimulatedSteps(network, plan, costs, links, options, shards);
        var seconds = steps.Measure();
        return new NetworkTiming(
            workers,
            TimeSpan.FromSeconds(seconds),
            TimeSpan.FromSeconds(RingSteps.Measure(network, plan, costs, options)),
            options.Forward + options.Backward + (options.Owner / workers),
            links.MostBytesSent / SimulatedSteps.Steps,
            links.MessageCount / SimulatedSteps.Steps);
    }
}

/// <summary>One step, among others, of a number of workers.</summary>
/// <param name="Step">With the engine's exchange.</param>
/// <param name="Ring">With a ring all-reduce.</param>
/// <param name="Alone">Computation and owners' work alone, without any wait.</param>
/// <param name="BusiestLinkBytes">What the busiest link sends.</param>
/// <param name="Messages">Parcels between processes.</param>
public sealed record NetworkTiming(int Workers, TimeSpan Step, TimeSpan Ring, TimeSpan Alone, long BusiestLinkBytes, long Messages);
