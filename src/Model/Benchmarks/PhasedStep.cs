using System.Diagnostics;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>A step with V = 1 whose phases are timed apart.</summary>
internal sealed class PhasedStep(Network network, Objective objective, SgdOptions options) : IDisposable
{
    private readonly LayerOwner[] _owners = [.. network.Initialize(seed: 1).Select(state => new LayerOwner(state))];

    /// <summary>Ticks of each phase, one entry a step.</summary>
    public List<long> Prepare { get; } = [];

    public List<long> Forward { get; } = [];

    public List<long> Backward { get; } = [];

    public List<long> Apply { get; } = [];

    public void Make(Tensor images_BCHW, Tensor labels_B)
    {
        using var scope = NewDisposeScope();
        var start = Stopwatch.GetTimestamp();
        var layers = _owners.Select(owner => owner.Prepare()).ToList();
        var prepared = Stopwatch.GetTimestamp();
        using var samples = new SampleBatch(images_BCHW, labels_B);
        ShardGradient? gradient = null;
        using var pass = new ShardComputation(network, objective, layers, samples.Count).Forward(samples);
        var forwarded = Stopwatch.GetTimestamp();
        pass.Backward((_, whole) => gradient = whole);
        layers.ForEach(layer => layer.Dispose());
        var computed = Stopwatch.GetTimestamp();
        foreach (var (owner, layer) in _owners.Zip(gradient!.Layers))
        {
            owner.Apply(layer, options);
        }

        Prepare.Add(prepared - start);
        Forward.Add(forwarded - prepared);
        Backward.Add(computed - forwarded);
        Apply.Add(Stopwatch.GetTimestamp() - computed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owner in _owners)
        {
            owner.Dispose();
        }
    }
}
