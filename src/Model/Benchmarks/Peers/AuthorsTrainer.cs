using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Benchmarks.Peers;

/// <summary>The reference's loss (regularized_loss.py) and SGD over the twin, with its double backward by autograd.</summary>
internal sealed class AuthorsTrainer(AuthorsResNet network, AuthorsState state, Objective objective, double learningRate) : IDisposable
{
    private const double Momentum = 0.9;
    private const double WeightDecay = 5e-4;

    private readonly optim.Optimizer _decayed = optim.SGD(state.DecayedParameters, learningRate, Momentum, weight_decay: WeightDecay);
    private readonly optim.Optimizer _plain = optim.SGD(state.PlainParameters, learningRate, Momentum);

    /// <summary>One step.</summary>
    /// <returns>Cross-entropy and gradient-norm term before it, 0 without one.</returns>
    public (double CrossEntropy, double GradientNorm) Step(Tensor images_BCHW, Tensor labels_B)
    {
        using var scope = NewDisposeScope();
        _decayed.zero_grad();
        _plain.zero_grad();
        var x_BCHW = objective.HasGradientNorm ? images_BCHW.detach().requires_grad_() : images_BCHW;
        var crossEntropy = functional.cross_entropy(network.Forward(x_BCHW), labels_B);
        var beta = network.Activations.Select(activation => activation.LogBeta.exp()).Aggregate((sum, next) => sum.Plus(next));
        var gamma = network.Convs.Select(conv => conv.LogLipschitz.abs()).Aggregate((sum, next) => sum.Plus(next));
        Tensor? norm = null;
        if (objective.HasGradientNorm)
        {
            var slope = autograd.grad([crossEntropy], [x_BCHW], retain_graph: true, create_graph: true)[0];
            norm = (slope * slope).sum().Times(Objective.GradientNormFactor).DividedBy(x_BCHW.shape[0]);
        }

        var terms = (crossEntropy.ReadDouble(), norm?.ReadDouble() ?? 0);
        beta.ReadDouble();
        gamma.ReadDouble();
        var total = objective.HasCurvature ? crossEntropy.Plus(beta.Times(objective.BetaWeight)).Plus(gamma.Times(objective.GammaWeight)) : crossEntropy;
        total = norm is null ? total : total.Plus(norm.Times(objective.GradientNormWeight));
        total.backward();
        _decayed.step();
        _plain.step();
        return terms;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decayed.Dispose();
        _plain.Dispose();
        state.Dispose();
    }
}
