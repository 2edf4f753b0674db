using System.Diagnostics;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>Our step of V shards in one process, its phases timed apart: shards go through their passes on the given threads.</summary>
internal sealed class OwnStep(Network network, StepOptions options, int shards, Normalization normalization, ComputeThreads threads, ComputeDevice device) : IDisposable
{
    private readonly LayerOwner[] _owners = [.. network.Initialize(seed: 1).Select(state => new LayerOwner(state.On(device), new Sgd()))];

    /// <summary>Ticks of each phase by name, one entry a step; passes are the sum over all threads.</summary>
    public Dictionary<string, List<long>> Phases { get; } = [];

    public StepTerms Make(Tensor images_BCHW, Tensor labels_B)
    {
        using var scope = NewDisposeScope();
        var start = Stopwatch.GetTimestamp();
        var layers = LayerOwner.Prepare(_owners);
        Add("prepare: power iteration, W/sigma, gain", Stopwatch.GetTimestamp() - start);

        var count = (int)labels_B.shape[0];
        var plan = new ShardPlan(count, count, shards, seed: 0);
        var sum = new SummationTree<ShardGradient>(shards, ShardGradient.Combine);
        using var computation = new ShardComputation(network, options.Objective, layers, count, normalization);
        new Lockstep(normalization, threads.Run, (_, shares) => SummationTree.Total(shares, NormShare.Merge)).Run(shards, shard =>
        {
            var (first, length) = plan.Shard(shard, count).GetOffsetAndLength(count);
            using var images = images_BCHW.narrow(0, first, length);
            using var labels = labels_B.narrow(0, first, length);
            return computation.Begin(new SampleBatch(images, labels), (_, gradient) => sum.Add(TreeNode.Leaf(shard), gradient));
        });
        foreach (var pass in Enum.GetValues<Pass>().Where(pass => computation.TimeOf(pass) > TimeSpan.Zero))
        {
            Add($"compute: {NameOf(pass)}", computation.TimeOf(pass));
        }

        var terms = StepTerms.From(sum.Total.Terms, layers.Select(layer => layer.Penalty), options.Objective);
        foreach (var layer in layers)
        {
            layer.Dispose();
        }

        var computed = Stopwatch.GetTimestamp();
        LayerOwner.Apply([.. _owners.Zip(sum.Total.Layers)], options);
        Add("apply: chain rule, SGD, running statistics", Stopwatch.GetTimestamp() - computed);
        return terms;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owner in _owners)
        {
            owner.Dispose();
        }
    }

    /// <summary>Adds a phase outside the step's own.</summary>
    public void Add(string phase, TimeSpan time) => Add(phase, (long)(time.TotalSeconds * Stopwatch.Frequency));

    private void Add(string phase, long ticks)
    {
        if (!Phases.TryGetValue(phase, out var all))
        {
            Phases.Add(phase, all = []);
        }

        all.Add(ticks);
    }

    private static string NameOf(Pass pass) => pass switch
    {
        Pass.Forward => "forward",
        Pass.BackwardToInput => "backward to the images",
        Pass.Adjoint => "adjoint of that",
        _ => "backward",
    };
}
