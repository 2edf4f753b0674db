using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>A batch norm that belongs to no convolution.</summary>
/// <remarks>A plain one has a gain as well, which stays 1: a layer without effective parameters would have no place on any device.</remarks>
public sealed class NormLayer(string path, int channels, NormKind kind) : Layer(path)
{
    /// <inheritdoc/>
    public override bool HasGain => true;

    /// <inheritdoc/>
    public override bool HasBatchNorm => true;

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> EffectiveShapes { get; } = [[]];

    private bool Clips => kind == NormKind.Lipschitz;

    /// <inheritdoc/>
    public override LayerState Initialize(long seed, Precision precision = Precision.Full) => new State(this, channels, precision.ToScalarType());

    private sealed class State(NormLayer layer, int channels, ScalarType dtype) : LayerState
    {
        private readonly RawParameter _logLipschitz = LipschitzBatchNorm.NewLogLipschitz(layer.Path, dtype, layer.Clips);

        public override Layer Layer => layer;

        public override LipschitzBatchNorm BatchNorm { get; } = new(channels, dtype);

        public override IReadOnlyList<RawParameter> Parameters => [_logLipschitz];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Buffers => BatchNorm.Buffers(layer.Path);

        public override RawParameter? Penalized => layer.Clips ? _logLipschitz : null;

        public override PenaltyTerms PenaltyOf(double raw) => LipschitzBatchNorm.PenaltyOf(raw);

        public override Tensor[] Parametrize() =>
            [layer.Clips ? BatchNorm.Gain(_logLipschitz.Value) : ones(Array.Empty<long>(), dtype: _logLipschitz.Value.dtype, device: _logLipschitz.Value.device)];

        public override Tensor?[] ChainRule(IReadOnlyList<Tensor> parametrized, IReadOnlyList<Tensor> effectiveGradients) =>
            [layer.Clips ? BatchNorm.GainSlope(_logLipschitz.Value, parametrized[0]) * effectiveGradients[0] : null];

        public override Tensor? PenaltyGradient(RawParameter parameter, double betaWeight, double gammaWeight) =>
            layer.Clips ? LipschitzBatchNorm.PenaltyGradient(parameter, gammaWeight) : null;
    }
}
