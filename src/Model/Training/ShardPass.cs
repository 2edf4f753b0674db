using System.Diagnostics;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>One shard on its way through the passes of a step; used by one thread at a time.</summary>
public sealed class ShardPass : IDisposable
{
    private const long BeyondAllMemory = 1L << 50; // numbers

    private readonly ShardComputation _step;
    private readonly SampleBatch _samples;
    private readonly Tape _tape;
    private readonly CrossEntropy _loss;
    private readonly ParameterGradients _gradients;
    private readonly Action<int, ShardGradient> _ready;
    private Pass _pass = Pass.Forward;
    private Tensor? _slope; // what the current pass began with, for as long as it runs
    private BatchStatistics?[] _statistics = [];
    private BatchTerms _terms;
    private int _nextBucket;

    /// <param name="samples">It takes them over.</param>
    /// <param name="ready">Takes over a bucket's number and the gradients of its layers while the last pass goes on; the terms of the loss come with each.</param>
    internal ShardPass(ShardComputation step, SampleBatch samples, Action<int, ShardGradient> ready)
    {
        (_step, _samples, _ready) = (step, samples, ready);
        _tape = new Tape(step.Network, step.Parameters, samples.Draws);
        _gradients = new ParameterGradients(step.Network.Layers);
        _loss = new CrossEntropy(samples.Labels, step.GlobalBatchCount);
        _tape.Begin(Pass.Forward, samples.Images);
    }

    /// <summary>Goes on to the next place where the sums over all shards are wanted, or to the end of the step.</summary>
    /// <param name="totals">Those of the place before, in its order; null at first.</param>
    /// <returns>What this shard gives to the sums; null when the step is through.</returns>
    /// <exception cref="LibtorchException">libtorch could not; buckets that were handed over stay so.</exception>
    public NormShare[]? Advance(NormShare[]? totals = null)
    {
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            var shares = _tape.Advance(totals);
            _step.AddTime(_pass, Stopwatch.GetTimestamp() - start);
            if (shares is not null || _pass == Pass.Backward)
            {
                return shares;
            }

            LibtorchException.In("the loss", BeginNext);
            totals = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slope?.Dispose();
        _tape.Dispose();
        _loss.Dispose();
        _gradients.Dispose();
        _samples.Dispose();
    }

    private Pass BeginNext()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var result = _tape.TakeResult()!;
        var slope = _pass switch
        {
            Pass.Forward => _loss.Begin(result),
            Pass.BackwardToInput => BeginAdjoint(result),
            _ => _loss.TotalSlope(result),
        };
        _pass = _pass switch
        {
            Pass.Forward => _step.Objective.HasGradientNorm ? Pass.BackwardToInput : Pass.Backward,
            Pass.BackwardToInput => Pass.Adjoint,
            _ => Pass.Backward,
        };
        _slope?.Dispose();
        _slope = slope.DetachFromDisposeScope();
        if (_pass == Pass.Backward)
        {
            BeginBackward();
        }
        else
        {
            _tape.Begin(_pass, _slope);
        }

        return _pass;
    }

    // regularized_loss.py:40-50: c ||dL/dx||^2 with c = 1e5 / B; its slope by dL/dx is 2 c dL/dx.
    private Tensor BeginAdjoint(Tensor gradient_BCHW)
    {
        var factor = Objective.GradientNormFactor / _step.GlobalBatchCount;
        _loss.Add((gradient_BCHW * gradient_BCHW).sum().Times(factor));
        return gradient_BCHW.Times(2 * factor * _step.Objective.GradientNormWeight);
    }

    private void BeginBackward()
    {
        var (crossEntropy, correct, gradientNorm) = _loss.Read();
        _terms = new BatchTerms(crossEntropy, gradientNorm, correct, _samples.Count);
        _statistics = CollectStatistics();
        if (_step.WantsTooMuchMemory)
        {
            LibtorchException.In($"the backward pass at layer '{_step.Network.Layers[^1].Path}'", WantTooMuchMemory);
        }

        _tape.Begin(Pass.Backward, _slope!, _gradients, HandOver);
    }

    private BatchStatistics?[] CollectStatistics()
    {
        var statistics = new BatchStatistics?[_step.Network.Layers.Count];
        var norms = _tape.Collecting.Select(norm => (Norm: norm, Numbers: norm.ToRead)).ToList();
        var numbers = norms.Select(norm => norm.Numbers).OfType<Tensor>().ToList();
        ReadOnlySpan<double> read = numbers.Count == 0 ? [] : cat(numbers).ReadDoubles();
        foreach (var (norm, own) in norms)
        {
            var count = (int)(own?.numel() ?? 0);
            statistics[norm.LayerIndex] = norm.StatisticsFrom(read[..count]);
            read = read[count..];
        }

        return statistics;
    }

    private void HandOver(int node)
    {
        var done = _step.Network.Nodes[node].Layers.Start.Value;
        for (; _nextBucket < _step.Buckets.Count && _step.Buckets.LayersOf(_nextBucket).Start.Value >= done; _nextBucket++)
        {
            _ready(_nextBucket, new ShardGradient(LibtorchException.In("the gradients", () => Take(_step.Buckets.LayersOf(_nextBucket))), _terms));
        }
    }

    private LayerGradient[] Take(Range layers)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (first, count) = layers.GetOffsetAndLength(_step.Network.Layers.Count);
        return [.. Enumerable.Range(first, count).Select(layer => new LayerGradient(_gradients.Take(layer), _statistics[layer]))];
    }

    // Forward these are views; the slope of the narrow one has the size of the wide one.
    private static Tensor[] WantTooMuchMemory()
    {
        using var _ = enable_grad();
        var leaf = zeros(1).requires_grad_();
        return LeafGradients.Of(leaf.expand(BeyondAllMemory).narrow(0, 0, 1).sum(), [leaf]);
    }
}
