using System.Diagnostics;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>One shard on its way through the passes of a step; used by one thread at a time, by another after each halt.</summary>
public sealed class ShardPass : IDisposable
{
    private const long BeyondAllMemory = 1L << 50; // numbers

    private readonly ShardComputation _step;
    private readonly SampleBatch _samples;
    private readonly Tape _tape;
    private readonly CrossEntropy _loss;
    private readonly ParameterGradients _gradients;
    private readonly Action<int, ShardGradient> _ready;
    private readonly IEnumerator<NormShare[]> _halts;
    private readonly List<IDisposable> _kept = [];
    private NormShare[]? _totals;
    private BatchStatistics?[] _statistics = [];
    private BatchTerms _terms;
    private int _nextBucket;

    /// <param name="samples">It takes them over.</param>
    /// <param name="ready">Takes over a bucket's number and the gradients of its layers while the last pass goes on; the terms of the loss come with each.</param>
    internal ShardPass(ShardComputation step, SampleBatch samples, Action<int, ShardGradient> ready)
    {
        (_step, _samples, _ready) = (step, samples, ready);
        _tape = NewTape();
        _gradients = new ParameterGradients(step.Network.Layers);
        _loss = new CrossEntropy(samples.Labels, step.GlobalBatchCount);
        _halts = Passes().GetEnumerator();
    }

    private Objective Objective => _step.Objective;

    /// <summary>Goes on to the next place where the sums over all shards are wanted, or to the end of the step.</summary>
    /// <param name="totals">Those of the place before, in its order; null at first.</param>
    /// <returns>What this shard gives to the sums; null when the step is through.</returns>
    /// <exception cref="LibtorchException">libtorch could not; buckets that were handed over stay so.</exception>
    public NormShare[]? Advance(NormShare[]? totals = null)
    {
        _totals = totals;
        return _halts.MoveNext() ? _halts.Current : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _halts.Dispose();
        foreach (var kept in _kept)
        {
            kept.Dispose();
        }

        _tape.Dispose();
        _loss.Dispose();
        _gradients.Dispose();
        _samples.Dispose();
    }

    // Every shard of a step halts at the same places.
    private IEnumerable<NormShare[]> Passes()
    {
        var images = _samples.Images;
        if (Objective.IsAdversarial)
        {
            var found = new AdversarialSearch(Objective.Attack, _samples, NewTape, Run);
            _kept.Add(found);
            foreach (var halt in found.Passes())
            {
                yield return halt;
            }

            images = found.Examples;
        }

        foreach (var halt in Run(_tape, Pass.Forward, images))
        {
            yield return halt;
        }

        var slope = Next(_tape, _loss.Begin);
        if (Objective.HasGradientTerm)
        {
            foreach (var halt in Run(_tape, Pass.BackwardToInput, slope))
            {
                yield return halt;
            }

            GradientTerm term = Objective.HasCure
                ? new CureTerm(Objective, _step.GlobalBatchCount, _samples, images, NewTape, Run)
                : new GradientNormTerm(Objective, _step.GlobalBatchCount);
            _kept.Add(term);
            foreach (var halt in term.Passes(Next(_tape, gradient => gradient.detach())))
            {
                yield return halt;
            }

            LibtorchException.In("the loss", () => Add(term));
            foreach (var halt in Run(_tape, Pass.Adjoint, term.Slope))
            {
                yield return halt;
            }

            slope = Next(_tape, _loss.TotalSlope);
            foreach (var halt in term.Backward(_gradients))
            {
                yield return halt;
            }
        }

        LibtorchException.In("the loss", BeginBackward);
        foreach (var halt in Run(_tape, Pass.Backward, slope, _gradients, HandOver))
        {
            yield return halt;
        }
    }

    private Tape NewTape() => new(_step.Network, _step.Parameters, _samples.Draws);

    // One pass from halt to halt; what it begins with is kept by the caller.
    private IEnumerable<NormShare[]> Run(Tape tape, Pass pass, Tensor input, ParameterGradients? gradients = null, Action<int>? passed = null)
    {
        tape.Begin(pass, input, gradients, passed);
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            var (totals, _) = (_totals, _totals = null);
            var shares = tape.Advance(totals);
            _step.AddTime(pass, Stopwatch.GetTimestamp() - start);
            if (shares is null)
            {
                yield break;
            }

            yield return shares;
        }
    }

    // What the next pass begins with, made of what the last one came to.
    private Tensor Next(Tape tape, Func<Tensor, Tensor> of) => LibtorchException.In("the loss", () =>
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var result = tape.TakeResult()!;
        var next = of(result).DetachFromDisposeScope();
        _kept.Add(next);
        return next;
    });

    private bool Add(GradientTerm term)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _loss.Add(term.Value);
        return true;
    }

    private bool BeginBackward()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (crossEntropy, correct, gradientTerm) = _loss.Read();
        _terms = new BatchTerms(crossEntropy, gradientTerm, correct, _samples.Count);
        _statistics = CollectStatistics();
        if (_step.WantsTooMuchMemory)
        {
            LibtorchException.In($"the backward pass at layer '{_step.Network.Layers[^1].Path}'", WantTooMuchMemory);
        }

        return true;
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
