using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>A linear layer with bias, spectrally normalised or not.</summary>
public sealed class LinearLayer(string path, int inFeatures, int outFeatures, bool spectral) : Layer(path)
{
    /// <inheritdoc/>
    public override IReadOnlyList<long[]> EffectiveShapes { get; } = [[outFeatures, inFeatures], [outFeatures]];

    /// <inheritdoc/>
    public override long SpectralMacs => spectral ? 2L * inFeatures * outFeatures : 0;

    /// <inheritdoc/>
    public override LayerState Initialize(long seed, Precision precision = Precision.Full)
    {
        var dtype = precision.ToScalarType();
        var draws = RandomSource.For(seed, RandomPurpose.Weights, Index);
        var weight = Initializer.Uniform(ref draws, [outFeatures, inFeatures], inFeatures, dtype);
        var bias = Initializer.Uniform(ref draws, [outFeatures], inFeatures, dtype);
        var state = new State(this, weight, bias, spectral ? Initializer.LinearVectors(seed, Index, inFeatures, outFeatures, dtype) : null);
        state.Iterate(Initializer.PowerIterations);
        return state;
    }

    private sealed class State : LayerState
    {
        private readonly LinearLayer _layer;
        private readonly LinearSpectralNorm? _norm;
        private readonly RawParameter _weight;
        private readonly RawParameter _bias;

        public State(LinearLayer layer, Tensor weight, Tensor bias, LinearSpectralNorm? norm)
        {
            _layer = layer;
            _norm = norm;
            _weight = new RawParameter(layer.Path + (norm is null ? ".weight" : ".parametrizations.weight.original"), weight, decays: true);
            _bias = new RawParameter($"{layer.Path}.bias", bias, decays: true);
        }

        public override Layer Layer => _layer;

        public override IReadOnlyList<RawParameter> Parameters => [_weight, _bias];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Buffers => _norm is null
            ? []
            : [new($"{_layer.Path}.parametrizations.weight.0._u", _norm.U), new($"{_layer.Path}.parametrizations.weight.0._v", _norm.V)];

        internal override void MoveTo(Device device)
        {
            base.MoveTo(device);
            _norm?.MoveTo(device);
        }

        public override void Iterate(int iterations = 1) => _norm?.Iterate(_weight.Value, iterations);

        public override Tensor[] Parametrize() =>
            [_norm is null ? TensorLayout.View(_weight.Value) : _norm.Normalized(_weight.Value), TensorLayout.View(_bias.Value)];
    }
}
