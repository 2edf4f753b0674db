using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>Our own step: the reference's arithmetic by design.md, promise P2, on one shard or with global batch norm on several.</summary>
internal sealed class EffectiveTraining(Network network, IReadOnlyList<LayerState> states, Objective objective, int shards = 1) : ITraining
{
    private readonly LocalTrainer _trainer = new(network, [.. states.Select(state => state.On(TestDevice.Chosen))], objective);

    public IReadOnlyList<LayerState> States => states;

    private Normalization OfBatch => shards == 1 ? Normalization.Shard : Normalization.Global;

    public (StepTerms Terms, IReadOnlyDictionary<string, Tensor> Gradients) Differentiate(Tensor x_BCHW, Tensor y_B)
    {
        var (gradient, terms) = _trainer.Differentiate(There(x_BCHW), There(y_B), shards, OfBatch);
        return (terms, _trainer.RawGradients(gradient));
    }

    public StepTerms Step(Tensor x_BCHW, Tensor y_B, StepOptions options) => _trainer.Step(There(x_BCHW), There(y_B), options, shards, OfBatch);

    public Tensor Evaluate(Tensor x_BCHW) => Forward(x_BCHW, Normalization.Running, _trainer.Evaluate());

    public Tensor Train(Tensor x_BCHW)
    {
        foreach (var state in states)
        {
            state.Iterate();
        }

        return Forward(x_BCHW, Normalization.Shard, _trainer.Evaluate());
    }

    public void Dispose() => _trainer.Dispose();

    private static Tensor There(Tensor t) => t.to(TestDevice.Chosen.ToTorch());

    private Tensor Forward(Tensor x_BCHW, Normalization normalization, IReadOnlyList<PreparedLayer> layers)
    {
        using var _ = no_grad();
        using var parameters = new EffectiveParameters(layers, normalization);
        var logits = network.Forward(TensorLayout.ForKernels(There(x_BCHW)), parameters);
        foreach (var layer in layers)
        {
            layer.Dispose();
        }

        return logits;
    }
}
