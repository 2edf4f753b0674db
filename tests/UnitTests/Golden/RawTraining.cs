using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>A step as the reference writes it: one graph from raw parameters to the whole loss, then SGD on what autograd says.</summary>
internal sealed class RawTraining(Network network, IReadOnlyList<LayerState> states, Objective objective) : ITraining
{
    // The golden README's.
    private const double MomentumFactor = 0.9;
    private const double WeightDecay = 5e-4;

    private readonly Dictionary<string, Tensor> _momenta = [];

    public IReadOnlyList<LayerState> States => states;

    private IReadOnlyList<RawParameter> Parameters { get; } = [.. states.SelectMany(state => state.Parameters)];

    public (StepTerms Terms, IReadOnlyDictionary<string, Tensor> Gradients) Differentiate(Tensor x_BCHW, Tensor y_B)
    {
        var (terms, gradients, _) = Backward(x_BCHW, y_B);
        return (terms, gradients);
    }

    public StepTerms Step(Tensor x_BCHW, Tensor y_B, StepOptions options)
    {
        var (terms, gradients, pass) = Backward(x_BCHW, y_B);
        using var _ = no_grad();
        foreach (var parameter in Parameters)
        {
            var gradient = gradients[parameter.Key] + (parameter.Value * (parameter.Decays ? WeightDecay : 0));
            var momentum = _momenta.TryGetValue(parameter.Key, out var before) ? before.mul_(MomentumFactor).add_(gradient) : gradient;
            _momenta[parameter.Key] = momentum;
            parameter.Value.sub_(momentum * options.Optimizer.LearningRate);
        }

        foreach (var (state, statistics) in states.Zip(pass.Statistics()))
        {
            if (statistics is not null)
            {
                state.BatchNorm!.Update(statistics);
            }
        }

        return terms;
    }

    public Tensor Evaluate(Tensor x_BCHW) => Pass(Normalization.Running).Forward(network, x_BCHW).detach();

    public Tensor Train(Tensor x_BCHW) => Pass(Normalization.Shard).Forward(network, x_BCHW).detach();

    public void Dispose()
    {
        foreach (var momentum in _momenta.Values)
        {
            momentum.Dispose();
        }

        foreach (var state in states)
        {
            state.Dispose();
        }
    }

    private (StepTerms Terms, Dictionary<string, Tensor> Gradients, AutogradPass Pass) Backward(Tensor x_BCHW, Tensor y_B)
    {
        var image = x_BCHW.detach().clone().requires_grad_();
        var pass = Pass(Normalization.Shard);
        var logits = pass.Forward(network, image);
        var crossEntropy = nn.functional.cross_entropy(logits, y_B);
        var beta = Sum(".log_beta", value => value.exp());
        var gamma = Sum(".log_lipschitz", value => value.abs());
        var slope = objective.HasGradientNorm
            ? autograd.grad([crossEntropy], [image], retain_graph: true, create_graph: true)[0].square().sum() * (1e5 / x_BCHW.shape[0])
            : zeros(1).sum();

        var total = crossEntropy;
        total = objective.HasCurvature ? total + (beta * objective.BetaWeight) + (gamma * objective.GammaWeight) : total;
        total = objective.HasGradientNorm ? total + (slope * objective.GradientNormWeight) : total;
        var gradients = autograd.grad([total], [.. Parameters.Select(parameter => parameter.Value)]);
        var terms = new StepTerms(
            total.ReadDouble(), crossEntropy.ReadDouble(), beta.ReadDouble(), gamma.ReadDouble(), slope.ReadDouble(), Correct: 0, (int)y_B.shape[0]);
        return (terms, Parameters.Zip(gradients).ToDictionary(pair => pair.First.Key, pair => pair.Second), pass);
    }

    private AutogradPass Pass(Normalization normalization)
    {
        foreach (var state in states.Where(_ => normalization == Normalization.Shard))
        {
            state.Iterate();
        }

        return new AutogradPass(normalization, [.. states.Select(state =>
            new PreparedLayer(state.Parametrize(), default, gain: null, state.BatchNorm?.RunningMean, state.BatchNorm?.RunningVar))]);
    }

    private Tensor Sum(string suffix, Func<Tensor, Tensor> term) => Parameters
        .Where(parameter => parameter.Key.EndsWith(suffix, StringComparison.Ordinal))
        .Select(parameter => term(parameter.Value))
        .Aggregate((left, right) => left + right);
}
