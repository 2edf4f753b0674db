using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The owner's side of one layer: prepare and apply of a step (design.md, promise P3).</summary>
/// <remarks>Not safe for concurrent use. Between apply and the next prepare the state is what snapshots hold.</remarks>
public sealed class LayerOwner(LayerState state) : IDisposable
{
    private Tensor[]? _parametrized;

    public Layer Layer => State.Layer;

    internal LayerState State { get; } = state;

    private string Place => $"the parameters of layer '{Layer.Path}'";

    /// <summary>One power iteration on the current weights of each, then the effective parameters of the step; one read of a device for all.</summary>
    /// <exception cref="LibtorchException">libtorch could not.</exception>
    public static IReadOnlyList<PreparedLayer> Prepare(IReadOnlyList<LayerOwner> owners) => Make(owners, owner => owner.PrepareState());

    /// <summary>The effective parameters of the state as it is, with running statistics, for evaluation; changes nothing.</summary>
    /// <exception cref="LibtorchException">libtorch could not.</exception>
    public static IReadOnlyList<PreparedLayer> Evaluate(IReadOnlyList<LayerOwner> owners) => Make(owners, owner => owner.EvaluateState(), withStatistics: true);

    private static PreparedLayer[] Make(IReadOnlyList<LayerOwner> owners, Func<LayerOwner, Tensor[]> effectiveOf, bool withStatistics = false)
    {
        using var scope = NewDisposeScope();
        var effective = owners.Select(owner => LibtorchException.In(owner.Place, () => effectiveOf(owner))).ToList();
        var numbers = LibtorchException.In("the penalties", () => ReadNumbers(owners, effective));
        return [.. owners.Select((owner, i) =>
        {
            var batchNorm = withStatistics ? owner.State.BatchNorm : null;
            return new PreparedLayer(
                [.. effective[i].Select(t => t.DetachFromDisposeScope())],
                owner.State.Penalized is null ? default : owner.State.PenaltyOf(numbers.Dequeue()),
                owner.Layer.HasGain ? numbers.Dequeue() : null,
                batchNorm?.RunningMean.clone().DetachFromDisposeScope(),
                batchNorm?.RunningVar.clone().DetachFromDisposeScope());
        })];
    }

    private static Queue<double> ReadNumbers(IReadOnlyList<LayerOwner> owners, List<Tensor[]> effective)
    {
        using var _ = no_grad();
        var numbers = owners.SelectMany((owner, i) => new[] { owner.State.Penalized?.Value, owner.Layer.HasGain ? effective[i][^1] : null }).OfType<Tensor>().ToList();
        return new Queue<double>(numbers.Count == 0 ? [] : stack(numbers).ReadDoubles());
    }

    private Tensor[] PrepareState()
    {
        DropParametrized();
        _parametrized = [.. State.IterateAndParametrize().Select(t => t.DetachFromDisposeScope())];
        return Layer.ForKernels(_parametrized);
    }

    private Tensor[] EvaluateState()
    {
        using var _ = no_grad();
        return Layer.ForKernels(State.Parametrize());
    }

    /// <summary>Chain rule, penalties, weight decay, SGD, running statistics of some layers; uses up the gradients.</summary>
    /// <param name="layers">Each with its gradients and statistics over the whole global batch.</param>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite; every state is as it was.</exception>
    public static void Apply(IReadOnlyList<(LayerOwner Owner, LayerGradient Sum)> layers, SgdOptions options)
    {
        try
        {
            CheckFinite(layers);
            foreach (var (owner, sum) in layers)
            {
                owner.Apply(sum, options);
            }
        }
        finally
        {
            foreach (var (_, sum) in layers)
            {
                sum.Dispose();
            }
        }
    }

    /// <summary>Gradients of the raw parameters that learn, by checkpoint key, penalties included; uses up the gradient.</summary>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite.</exception>
    internal IReadOnlyDictionary<string, Tensor> RawGradients(LayerGradient sum, Objective objective)
    {
        using var scope = NewDisposeScope();
        using var used = sum;
        CheckFinite([(this, sum)]);
        return Differentiate(sum, objective).ToDictionary(entry => entry.Key, entry => entry.Value.MoveToOuterDisposeScope());
    }

    private static void CheckFinite(IReadOnlyList<(LayerOwner Owner, LayerGradient Sum)> layers)
    {
        using var _ = no_grad();
        if (!Finiteness.AreFinite([.. layers.SelectMany(layer => layer.Sum.OfParameters)]))
        {
            throw new NonFiniteGradientException(layers.First(layer => !Finiteness.AreFinite(layer.Sum.OfParameters)).Owner.Layer.Path);
        }
    }

    private void Apply(LayerGradient sum, SgdOptions options)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var gradients = Differentiate(sum, options.Objective);
        foreach (var parameter in State.Parameters)
        {
            if (gradients.TryGetValue(parameter.Key, out var gradient))
            {
                Update(parameter, gradient, options);
            }
        }

        if (sum.Statistics is not null)
        {
            State.BatchNorm!.Update(sum.Statistics, options.Statistics);
        }

        DropParametrized();
    }

    private Dictionary<string, Tensor> Differentiate(LayerGradient sum, Objective objective)
    {
        using var _ = no_grad();
        var parametrized = _parametrized ?? throw new InvalidOperationException($"{Layer.Path}: chain rule without prepare");
        var gradients = LibtorchException.In(
            $"the chain rule of layer '{Layer.Path}'", () => State.ChainRule(parametrized, [.. sum.OfParameters.Select(gradient => gradient.detach())]));
        return State.Parameters.Zip(gradients)
            .Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First.Key, pair => WithPenalty(pair.First, pair.Second!, objective));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DropParametrized();
        State.Dispose();
    }

    private Tensor WithPenalty(RawParameter parameter, Tensor gradient, Objective objective) =>
        objective.HasCurvature && State.PenaltyGradient(parameter, objective.BetaWeight, objective.GammaWeight) is { } penalty
            ? gradient.Plus(penalty)
            : gradient;

    private static void Update(RawParameter parameter, Tensor gradient, SgdOptions options)
    {
        var decay = parameter.Decays ? options.WeightDecay : 0;
        if (WeightSweeps.Take(parameter.Value, parameter.Momentum, gradient))
        {
            WeightSweeps.Update(parameter.Value, parameter.Momentum, gradient, decay, options.Momentum, options.LearningRate);
            return;
        }

        parameter.Momentum.TimesInPlace(options.Momentum).PlusInPlace(decay != 0 ? gradient.PlusScaledInPlace(parameter.Value, decay) : gradient);
        parameter.Value.PlusScaledInPlace(parameter.Momentum, -options.LearningRate);
    }

    private void DropParametrized()
    {
        foreach (var tensor in _parametrized ?? [])
        {
            tensor.Dispose();
        }

        _parametrized = null;
    }
}
