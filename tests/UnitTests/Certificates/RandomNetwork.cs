using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Certificates;

/// <summary>A small network that follows from a seed: tiny images, some convolutions, blocks and pools, weights and statistics of any size.</summary>
internal sealed class RandomNetwork : IDisposable
{
    public const int Classes = 3;

    private readonly Random _draws;
    private readonly List<LayerOwner> _owners;

    /// <param name="isSmooth">Without ReLU and max pooling.</param>
    public RandomNetwork(int seed, bool isSmooth = true)
    {
        _draws = new Random(seed);
        var style = _draws.Next(4) switch
        {
            0 when !isSmooth => NetworkStyle.Rectified,
            0 => new NetworkStyle(new(ActivationKind.CenteredSoftplus), null, true),
            1 => new NetworkStyle(new(ActivationKind.CenteredSoftplus), SpectralGrid.True, false),
            _ => NetworkStyle.LowCurvature(),
        };
        Network = Build(style, isSmooth);
        var states = Network.Initialize(seed, Precision.Extended);
        Array.ForEach(states, Shake);
        _owners = [.. states.Select(state => new LayerOwner(state))];
        Layers = LayerOwner.Evaluate(_owners);
    }

    public Network Network { get; }

    /// <summary>In float64.</summary>
    public IReadOnlyList<PreparedLayer> Layers { get; }

    /// <summary>Images of several sizes, shape [count, C, H, W], float64.</summary>
    public Tensor Images(int count)
    {
        var input = Network.Input;
        using var generator = new Generator((ulong)_draws.Next());
        var sizes = tensor(Enumerable.Range(0, count).Select(i => new[] { 0.1, 0.5, 2.0 }[i % 3]).ToArray(), dtype: ScalarType.Float64).view(-1, 1, 1, 1);
        return randn([count, input.Channels, input.Height, input.Width], dtype: ScalarType.Float64, generator: generator) * sizes;
    }

    public void Dispose()
    {
        _owners.ForEach(owner => owner.Dispose());
        foreach (var layer in Layers)
        {
            layer.Dispose();
        }
    }

    private Network Build(NetworkStyle style, bool isSmooth)
    {
        var builder = new NetworkBuilder(new ImageShape(_draws.Next(1, 3), _draws.Next(1, 6), _draws.Next(1, 6)), style);
        if (_draws.Next(4) > 0)
        {
            // The reference's grid has no image left to measure on where the padding is wide and the image a pixel.
            var padding = Math.Min(builder.Shape.Height, builder.Shape.Width) < 3 ? 1 : _draws.Next(1, 3);
            builder.Conv("stem", _draws.Next(1, 4), 3, _draws.Next(1, 3), padding, 1, _draws.Next(2) == 0, style.ClipsBatchNorm ? NormKind.Lipschitz : NormKind.Batch);
            builder.Activation("stem.act", style.Activation);
        }

        for (var block = 0; block < _draws.Next(0, 3); block++)
        {
            Block(builder, style, $"b{block}", isSmooth);
        }

        if (_draws.Next(2) == 0)
        {
            builder.GlobalAveragePool();
        }

        builder.Dropout(0.5);
        builder.Flatten();
        if (_draws.Next(2) == 0)
        {
            builder.Linear("hidden", _draws.Next(1, 5), spectral: _draws.Next(2) == 0);
            builder.Activation("hidden.act", style.Activation);
        }

        builder.Linear("head", Classes, spectral: _draws.Next(2) == 0);
        return builder.Build();
    }

    private void Block(NetworkBuilder builder, NetworkStyle style, string path, bool isSmooth)
    {
        var (channels, stride) = (_draws.Next(1, 4), _draws.Next(1, 3));
        switch (_draws.Next(6))
        {
            case 0:
                builder.Residual(path, _draws.Next(2) == 0 ? builder.Shape.Channels : channels, stride);
                break;
            case 1:
                builder.PreActivation(path, channels, stride);
                break;
            case 2:
                builder.Bottleneck(path, channels, stride, NormKind.Batch);
                break;
            case 3:
                builder.Norm($"{path}.norm", NormKind.Lipschitz);
                builder.Activation($"{path}.act", style.Activation);
                break;
            case 4:
                var kernel = Math.Min(_draws.Next(1, 4), Math.Min(builder.Shape.Height, builder.Shape.Width));
                var step = _draws.Next(1, 3);
                if (isSmooth || _draws.Next(2) == 0)
                {
                    builder.MeanPool(kernel, step);
                }
                else
                {
                    builder.MaxPool(kernel, step, _draws.Next((kernel / 2) + 1));
                }

                break;
            default:
                var groups = builder.Shape.Channels % 2 == 0 ? 2 : 1;
                builder.Conv(path, 2 * channels, 1, stride, 0, groups, bias: true, norm: null);
                builder.Activation($"{path}.act", style.Activation);
                break;
        }
    }

    // Sharpness 0.2 to 20, gamma 0.5 to 10, variances 0.05 to 5.
    private void Shake(LayerState state)
    {
        using var _ = no_grad();
        if (state.Layer is BetaLayer)
        {
            state.Penalized!.Value.copy_(tensor(Uniform(-1.6, 3), dtype: ScalarType.Float64));
        }
        else if (state.Penalized is { } logGamma)
        {
            logGamma.Value.copy_(tensor(Uniform(-0.7, 2.3), dtype: ScalarType.Float64));
        }

        state.BatchNorm?.RunningVar.copy_(tensor(Enumerable.Range(0, (int)state.BatchNorm.RunningVar.shape[0]).Select(_ => Math.Exp(Uniform(-3, 1.6))).ToArray()));
        state.BatchNorm?.RunningMean.copy_(tensor(Enumerable.Range(0, (int)state.BatchNorm.RunningMean.shape[0]).Select(_ => Uniform(-0.5, 0.5)).ToArray()));
    }

    private double Uniform(double least, double most) => least + ((most - least) * _draws.NextDouble());
}
