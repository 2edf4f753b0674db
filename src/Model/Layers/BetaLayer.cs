using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>One learnable sharpness beta; VGG shares one among all its activations.</summary>
public sealed class BetaLayer(string path) : Layer(path)
{
    /// <summary>How often the network uses it: the beta term counts every use.</summary>
    public int UseCount => 1 + OtherPaths.Count;

    /// <summary>Paths of its uses after the first: the reference's state dict repeats a shared module under each.</summary>
    internal List<string> OtherPaths { get; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> EffectiveShapes { get; } = [[]];

    /// <inheritdoc/>
    public override LayerState Initialize(long seed, Precision precision = Precision.Full) =>
        new State(this, tensor(CenteredSoftplus.InitialBeta, dtype: precision.ToScalarType()).log_());

    private sealed class State(BetaLayer layer, Tensor logBeta) : LayerState
    {
        private readonly RawParameter _logBeta = new($"{layer.Path}.log_beta", logBeta, decays: false);

        public override Layer Layer => layer;

        public override IReadOnlyList<RawParameter> Parameters => [_logBeta];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Buffers => [];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Aliases =>
            [.. layer.OtherPaths.Select(path => KeyValuePair.Create($"{path}.log_beta", _logBeta.Value))];

        public override RawParameter Penalized => _logBeta;

        public override PenaltyTerms PenaltyOf(double raw)
        {
            var beta = Math.Exp(raw);
            return new PenaltyTerms(layer.UseCount * beta, 0, beta + CenteredSoftplus.Epsilon, null);
        }

        public override Tensor[] Parametrize() => [CenteredSoftplus.Beta(_logBeta.Value)];

        public override Tensor PenaltyGradient(RawParameter parameter, double betaWeight, double gammaWeight) =>
            parameter.Value.detach().exp().TimesInPlace(betaWeight * layer.UseCount);
    }
}
