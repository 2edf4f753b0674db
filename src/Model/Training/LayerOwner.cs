using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The owner's side of one layer: prepare and apply of a step (design.md, promise P3).</summary>
/// <remarks>Not safe for concurrent use. Between apply and the next prepare the state is what snapshots hold.</remarks>
public sealed class LayerOwner : IDisposable
{
    private readonly Optimizer? _optimizer;
    private Tensor[]? _parametrized;

    /// <summary>Takes over a layer's state.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="optimizer">Takes the steps; null where there are none.</param>
    public LayerOwner(LayerState state, Optimizer? optimizer = null)
        : this(state, optimizer, average: null)
    {
    }

    internal LayerOwner(LayerState state, Optimizer? optimizer, WeightAverage? average)
    {
        (State, _optimizer, Average) = (state, optimizer, average);
        if (optimizer is not null)
        {
            foreach (var parameter in state.Parameters)
            {
                parameter.AddOptimizerState(optimizer.StateSuffixes.Count);
            }
        }
    }

    public Layer Layer => State.Layer;

    internal LayerState State { get; }

    /// <summary>The moving average of the layer, where one is kept.</summary>
    internal WeightAverage? Average { get; }

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

    /// <summary>Chain rule, penalties, optimizer, running statistics of some layers, one after the other; uses up the gradients.</summary>
    /// <param name="layers">Each with its gradients and statistics over the whole global batch.</param>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite; every state is as it was.</exception>
    public static void Apply(IReadOnlyList<(LayerOwner Owner, LayerGradient Sum)> layers, StepOptions options)
    {
        try
        {
            CheckFinite(layers);
            foreach (var (owner, sum) in layers)
            {
                using var gradients = owner.Differentiate(sum, options.Objective);
                owner.Update(gradients, options);
            }
        }
        finally
        {
            Dispose(layers);
        }
    }

    /// <summary>The first half of <see cref="Apply"/>, where all layers' gradients must be known before any is applied: changes nothing, uses up the gradients.</summary>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite.</exception>
    internal static IReadOnlyList<RawLayerGradient> Differentiate(IReadOnlyList<(LayerOwner Owner, LayerGradient Sum)> layers, Objective objective)
    {
        try
        {
            CheckFinite(layers);
            return [.. layers.Select(layer => layer.Owner.Differentiate(layer.Sum, objective))];
        }
        finally
        {
            Dispose(layers);
        }
    }

    /// <summary>The second half: optimizer, running statistics, average.</summary>
    internal void Update(RawLayerGradient gradients, StepOptions options)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var optimizer = _optimizer ?? throw new InvalidOperationException($"{Layer.Path}: a step without an optimizer");
        var ofParameters = gradients.OfParameters.ToDictionary();
        foreach (var parameter in State.Parameters)
        {
            if (ofParameters.TryGetValue(parameter.Key, out var gradient))
            {
                optimizer.Update(parameter, gradient, options.Optimizer);
            }
        }

        if (gradients.Statistics is not null)
        {
            State.BatchNorm!.Update(gradients.Statistics, options.Statistics);
        }

        Average?.Add(State, options.Optimizer.Number);
        DropParametrized();
    }

    /// <summary>Gradients of the raw parameters that learn, by checkpoint key, penalties included; uses up the gradient.</summary>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite.</exception>
    internal IReadOnlyDictionary<string, Tensor> RawGradients(LayerGradient sum, Objective objective) => Differentiate([(this, sum)], objective)[0].OfParameters.ToDictionary();

    private static void CheckFinite(IReadOnlyList<(LayerOwner Owner, LayerGradient Sum)> layers)
    {
        using var _ = no_grad();
        if (!Finiteness.AreFinite([.. layers.SelectMany(layer => layer.Sum.OfParameters)]))
        {
            throw new NonFiniteGradientException(layers.First(layer => !Finiteness.AreFinite(layer.Sum.OfParameters)).Owner.Layer.Path);
        }
    }

    private RawLayerGradient Differentiate(LayerGradient sum, Objective objective)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var parametrized = _parametrized ?? throw new InvalidOperationException($"{Layer.Path}: chain rule without prepare");
        var gradients = LibtorchException.In(
            $"the chain rule of layer '{Layer.Path}'", () => State.ChainRule(parametrized, [.. sum.OfParameters.Select(gradient => gradient.detach())]));
        return new RawLayerGradient(
            [
                .. State.Parameters.Zip(gradients)
                    .Where(pair => pair.Second is not null)
                    .Select(pair => KeyValuePair.Create(pair.First.Key, WithPenalty(pair.First, pair.Second!, objective).DetachFromDisposeScope())),
            ],
            sum.Statistics);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DropParametrized();
        Average?.Dispose();
        State.Dispose();
    }

    private Tensor WithPenalty(RawParameter parameter, Tensor gradient, Objective objective) =>
        objective.HasCurvature && State.PenaltyGradient(parameter, objective.BetaWeight, objective.GammaWeight) is { } penalty
            ? gradient.Plus(penalty)
            : gradient;

    private static void Dispose(IReadOnlyList<(LayerOwner Owner, LayerGradient Sum)> layers)
    {
        foreach (var (_, sum) in layers)
        {
            sum.Dispose();
        }
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
