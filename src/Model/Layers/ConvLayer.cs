using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>A convolution with its batch norm and gamma (reference models/layers.py, ConvBNBlock), or without a norm.</summary>
/// <param name="path">Path of the block.</param>
/// <param name="bias">Whether the convolution has a bias.</param>
/// <param name="spectralGrid">Grid of the spectral norm, or null without one.</param>
/// <param name="norm">Its batch norm, or null without one.</param>
public sealed class ConvLayer(string path, ConvGeometry geometry, bool bias, SpectralGrid? spectralGrid, NormKind? norm) : Layer(path)
{
    /// <summary>Channels, kernel, stride, padding and image size, in elements.</summary>
    public ConvGeometry Geometry { get; } = geometry;

    /// <summary>Whether there is a bias, the second effective parameter.</summary>
    public bool HasBias { get; } = bias;

    /// <inheritdoc/>
    public override bool HasGain { get; } = norm == NormKind.Lipschitz;

    /// <inheritdoc/>
    public override bool HasBatchNorm { get; } = norm is not null;

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> EffectiveShapes { get; } =
    [
        geometry.WeightShape,
        .. bias ? new long[][] { [geometry.OutChannels] } : [],
        .. norm == NormKind.Lipschitz ? new long[][] { [] } : [],
    ];

    /// <inheritdoc/>
    public override long SpectralMacs => spectralGrid is null ? 0 : 4 * Geometry.MacsPerImage;

    /// <inheritdoc/>
    public override LayerState Initialize(long seed, Precision precision = Precision.Full)
    {
        var dtype = precision.ToScalarType();
        var fanIn = (long)(Geometry.InChannels / Geometry.Groups) * Geometry.Kernel * Geometry.Kernel;
        var draws = RandomSource.For(seed, RandomPurpose.Weights, Index);
        using var drawn = Initializer.Uniform(ref draws, Geometry.WeightShape, fanIn, dtype);
        var weight = TensorLayout.ChannelsLast(drawn);
        var biasValue = HasBias ? Initializer.Uniform(ref draws, [Geometry.OutChannels], fanIn, dtype) : null;
        var norm = spectralGrid is { } grid ? Initializer.ConvVectors(seed, Index, Geometry, grid, dtype) : null;
        var state = new State(this, weight, biasValue, norm);
        state.Iterate(Initializer.PowerIterations);
        return state;
    }

    internal override Tensor[] ForKernels(IReadOnlyList<Tensor> effective)
    {
        using var weight = effective[0].detach();
        // W / sigma is fresh memory that nobody writes to; the raw weight is the owner's own.
        return [spectralGrid is null ? TensorLayout.ForKernels(weight) : weight.detach(), .. base.ForKernels([.. effective.Skip(1)])];
    }

    private sealed class State : LayerState
    {
        private readonly ConvLayer _layer;
        private readonly ConvSpectralNorm? _norm;
        private readonly RawParameter _weight;
        private readonly RawParameter? _bias;
        private readonly RawParameter? _logLipschitz;

        public State(ConvLayer layer, Tensor weight, Tensor? bias, ConvSpectralNorm? norm)
        {
            _layer = layer;
            _norm = norm;
            _weight = new RawParameter(layer.Path + (norm is null ? ".conv.weight" : ".conv.parametrizations.weight.original"), weight, decays: true);
            _bias = bias is null ? null : new RawParameter($"{layer.Path}.conv.bias", bias, decays: true);
            if (layer.HasBatchNorm)
            {
                _logLipschitz = LipschitzBatchNorm.NewLogLipschitz(layer.Path, weight.dtype, learns: layer.HasGain);
                BatchNorm = new LipschitzBatchNorm(layer.Geometry.OutChannels, weight.dtype);
            }
        }

        public override Layer Layer => _layer;

        public override LipschitzBatchNorm? BatchNorm { get; }

        public override IReadOnlyList<RawParameter> Parameters =>
            [_weight, .. _bias is null ? [] : new[] { _bias }, .. _logLipschitz is null ? [] : new[] { _logLipschitz }];

        public override IReadOnlyList<KeyValuePair<string, Tensor>> Buffers =>
        [
            .. _norm is null ? [] : new KeyValuePair<string, Tensor>[]
            {
                new($"{_layer.Path}.conv.parametrizations.weight.0._u", _norm.U),
                new($"{_layer.Path}.conv.parametrizations.weight.0._v", _norm.V),
            },
            .. BatchNorm?.Buffers(_layer.Path) ?? [],
        ];

        public override RawParameter? Penalized => _layer.HasGain ? _logLipschitz : null;

        public override PenaltyTerms PenaltyOf(double raw) => LipschitzBatchNorm.PenaltyOf(raw);

        internal override void MoveTo(Device device)
        {
            base.MoveTo(device);
            _norm?.MoveTo(device);
        }

        public override void Dispose()
        {
            base.Dispose();
            _norm?.Dispose();
            GC.SuppressFinalize(this);
        }

        public override void Iterate(int iterations = 1) => _norm?.Iterate(_weight.Value, iterations);

        public override Tensor[] Parametrize() => Effective(_norm?.Normalized(_weight.Value));

        public override Tensor[] IterateAndParametrize()
        {
            using var _ = no_grad();
            return Effective(_norm?.IterateAndNormalize(_weight.Value));
        }

        public override Tensor?[] ChainRule(IReadOnlyList<Tensor> parametrized, IReadOnlyList<Tensor> effectiveGradients)
        {
            if (_norm is not null && parametrized[0].requires_grad)
            {
                return base.ChainRule(parametrized, effectiveGradients);
            }

            var ofWeight = _norm?.ChainRule(parametrized[0], effectiveGradients[0]) ?? effectiveGradients[0];
            var ofLogLipschitz = _layer.HasGain ? BatchNorm!.GainSlope(_logLipschitz!.Value, parametrized[^1]) * effectiveGradients[^1] : null;
            return [ofWeight, .. _bias is null ? [] : new[] { effectiveGradients[1] }, .. _logLipschitz is null ? [] : new[] { ofLogLipschitz }];
        }

        public override Tensor? PenaltyGradient(RawParameter parameter, double betaWeight, double gammaWeight) =>
            parameter == Penalized ? LipschitzBatchNorm.PenaltyGradient(parameter, gammaWeight) : null;

        private Tensor[] Effective(Tensor? normalized) =>
        [
            normalized ?? TensorLayout.View(_weight.Value),
            .. _bias is null ? [] : new[] { TensorLayout.View(_bias.Value) },
            .. _layer.HasGain ? new[] { BatchNorm!.Gain(_logLipschitz!.Value) } : [],
        ];
    }
}
