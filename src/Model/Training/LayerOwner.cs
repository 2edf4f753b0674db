using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The owner's side of one layer: prepare and apply of a step (design.md, promise P3).</summary>
/// <remarks>Not safe for concurrent use. Between <see cref="Apply"/> and the next <see cref="Prepare"/> the state is what snapshots hold.</remarks>
public sealed class LayerOwner(LayerState state) : IDisposable
{
    private Tensor[]? _parametrized;

    public Layer Layer => State.Layer;

    internal LayerState State { get; } = state;

    private string Place => $"the parameters of layer '{Layer.Path}'";

    /// <summary>One power iteration on the current weights, then the effective parameters of the step.</summary>
    /// <exception cref="LibtorchException">libtorch could not.</exception>
    public PreparedLayer Prepare() => LibtorchException.In(Place, PrepareState);

    private PreparedLayer PrepareState()
    {
        DropParametrized();
        using var scope = NewDisposeScope();
        _parametrized = [.. State.IterateAndParametrize().Select(t => t.DetachFromDisposeScope())];
        return new PreparedLayer(Hold(Layer.ForKernels(_parametrized)), State.Penalty);
    }

    /// <summary>The effective parameters of the state as it is, with running statistics, for evaluation; changes nothing.</summary>
    /// <exception cref="LibtorchException">libtorch could not.</exception>
    public PreparedLayer Evaluate() => LibtorchException.In(Place, EvaluateState);

    private PreparedLayer EvaluateState()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var batchNorm = State.BatchNorm;
        return new PreparedLayer(
            Hold(Layer.ForKernels(State.Parametrize())),
            State.Penalty,
            batchNorm?.RunningMean.clone().DetachFromDisposeScope(),
            batchNorm?.RunningVar.clone().DetachFromDisposeScope());
    }

    /// <summary>Chain rule, penalties, weight decay, SGD, running statistics; uses up the gradient.</summary>
    /// <param name="sum">Gradients and statistics over the whole global batch.</param>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite; the state is as it was.</exception>
    public void Apply(LayerGradient sum, SgdOptions options)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var gradients = RawGradients(sum, options.Objective);
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

    /// <summary>Gradients of the raw parameters that learn, by checkpoint key, penalties included; uses up the gradient.</summary>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite.</exception>
    internal IReadOnlyDictionary<string, Tensor> RawGradients(LayerGradient sum, Objective objective)
    {
        using var scope = NewDisposeScope();
        using var used = sum;
        var parametrized = _parametrized ?? throw new InvalidOperationException($"{Layer.Path}: chain rule without prepare");
        if (!HostRead.AreFinite(sum.OfParameters))
        {
            throw new NonFiniteGradientException(Layer.Path);
        }

        using var _ = no_grad();
        var gradients = LibtorchException.In(
            $"the chain rule of layer '{Layer.Path}'", () => State.ChainRule(parametrized, [.. sum.OfParameters.Select(gradient => gradient.detach())]));
        return State.Parameters.Zip(gradients)
            .Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First.Key, pair => WithPenalty(pair.First, pair.Second!, objective).MoveToOuterDisposeScope());
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

    private static Tensor[] Hold(Tensor[] tensors) => [.. tensors.Select(t => t.DetachFromDisposeScope())];
}
