using Lcnn.Distributed.Model.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>A convolution whose weight is divided by its operator norm on images of the size it sees: W / sigma.</summary>
/// <remarks>
/// Reference models/conv_spectral_norm.py (after Ryu et al. 2019). One power iteration in every forward pass in training mode, none in evaluation.
/// sigma = &lt;u, conv(v, W)&gt; is differentiated with u and v constant. The singular vectors u and v are images: they begin at the size given, or at
/// that of the first input, and only then are they part of the state dict. Names there are the reference's: parametrizations.weight.original,
/// parametrizations.weight.0._u, parametrizations.weight.0._v, bias.
/// </remarks>
public sealed class SpectralConv2d : Module<Tensor, Tensor>
{
    private const string Bias = "bias";
    private readonly SpectralGrid _grid;
    private readonly int _inChannels, _outChannels, _kernel, _stride, _padding;
    [ComponentName(Name = "parametrizations")]
    private readonly Parametrizations _parametrizations;
    private ConvGeometry? _geometry;

    /// <summary>Creates a convolution with torch's initial weights (torch.manual_seed decides them).</summary>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernel">Side of the square kernel.</param>
    /// <param name="stride">Step in both directions.</param>
    /// <param name="padding">Zeros on every side.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="imageSize">Rows and columns of the images on which the norm is taken; those of the first input if null.</param>
    /// <param name="grid">Size of u: the input's, as the reference has it, or the output's.</param>
    /// <param name="device">Where parameters lie; the processor if null.</param>
    /// <param name="dtype">Their type; torch's default if null.</param>
    public SpectralConv2d(
        int inChannels, int outChannels, int kernel, int stride = 1, int padding = 0, bool bias = true, (int Height, int Width)? imageSize = null,
        SpectralGrid grid = SpectralGrid.Reference, Device? device = null, ScalarType? dtype = null)
        : this(Conv2d(inChannels, outChannels, kernel, stride, padding, bias: bias, device: device, dtype: dtype), grid)
    {
        if (imageSize is { } size)
        {
            Begin(size.Height, size.Width);
        }
    }

    /// <summary>Takes over the numbers of a convolution that <see cref="ObstacleIn"/> has nothing against.</summary>
    internal SpectralConv2d(Conv2d stock, SpectralGrid grid) : base(nameof(SpectralConv2d))
    {
        _grid = grid;
        (_inChannels, _outChannels, _kernel) = ((int)stock.in_channels, (int)stock.out_channels, (int)stock.kernel_size[0]);
        (_stride, _padding) = ((int)stock.stride[0], PaddingOf(stock));
        _parametrizations = new Parametrizations(stock.weight!, stock.weight!.requires_grad);
        RegisterComponents();
        if (stock.bias is { } bias)
        {
            register_parameter(Bias, Parameters.Of(bias, bias.requires_grad));
        }
    }

    /// <summary>W, shape [out, in, kernel, kernel]: what the optimizer changes.</summary>
    public Parameter Weight => _parametrizations.Weight.Original;

    /// <summary>Why a stock convolution cannot be treated, or null if it can.</summary>
    internal static string? ObstacleIn(Conv2d stock)
    {
        static bool Differ(long[] pair) => pair.Distinct().Count() > 1;
        return stock switch
        {
            { groups: > 1 } => $"has {stock.groups} groups; a norm is known for one",
            _ when stock.dilation.Any(step => step != 1) => "is dilated",
            _ when Differ(stock.kernel_size) => $"has a kernel of {string.Join(" x ", stock.kernel_size)}; only square ones are treated",
            _ when Differ(stock.stride) => "has another stride down than across",
            { padding_type: Padding.Same } when stock.stride[0] != 1 || stock.kernel_size[0] % 2 == 0 => "pads by 'same' unevenly",
            { padding_type: null } when Differ(stock.padding!) => "has another padding down than across",
            _ when stock.padding_mode != PaddingModes.Zeros && PaddingOf(stock) > 0 => $"pads by {stock.padding_mode}; only zeros are treated",
            _ => null,
        };
    }

    /// <summary>W / sigma as the last training pass left u and v, shape [out, in, kernel, kernel], differentiable.</summary>
    /// <exception cref="InvalidOperationException">The size of the images is not known yet.</exception>
    public Tensor NormalizedWeight()
    {
        using var norm = Norm();
        return norm.Normalized(Weight);
    }

    /// <summary>Convolves, after one power iteration in training mode.</summary>
    /// <param name="input">Shape [batch, in, height, width] or [in, height, width].</param>
    /// <returns>Shape [batch, out, height', width'], or without the batch.</returns>
    public override Tensor forward(Tensor input)
    {
        if (!Vectors.Exist)
        {
            Begin((int)input.shape[^2], (int)input.shape[^1]);
        }

        if (training)
        {
            Iterate(1);
        }

        using var weight = NormalizedWeight();
        var output = Kernels.Convolution.Of(input, weight, BiasOrNull, Geometry.Strides, Geometry.Paddings, Geometry.Groups);
        Convolved?.Invoke(output);
        return output;
    }

    /// <summary>Told of every output while a conversion looks on.</summary>
    internal Action<Tensor>? Convolved { get; set; }

    /// <summary>sigma, shape [].</summary>
    internal Tensor Sigma()
    {
        using var norm = Norm();
        return norm.Sigma(Weight);
    }

    /// <summary>The bias, shape [out], or null.</summary>
    internal Parameter? BiasOrNull => get_parameter(Bias);

    // Of a loaded network only the vectors say on which images its norms were taken; strides and paddings are the same on all.
    private ConvGeometry Geometry => _geometry ??= GeometryOn((int)Vectors.U.shape[2], (int)Vectors.U.shape[3]);

    private static int PaddingOf(Conv2d stock) => stock.padding_type switch
    {
        Padding.Same => (int)(stock.kernel_size[0] / 2),
        Padding.Valid => 0,
        _ => (int)stock.padding![0],
    };

    private ConvGeometry GeometryOn(int height, int width) => new(_inChannels, _outChannels, _kernel, _stride, _padding, height, width);

    private SingularVectors Vectors => _parametrizations.Weight.Vectors;

    private void Begin(int height, int width)
    {
        var geometry = GeometryOn(height, width);
        if (geometry.OutHeight < 1 || geometry.OutWidth < 1)
        {
            throw new ArgumentException($"images of {height} x {width} are smaller than the kernel of {_kernel} x {_kernel} with padding {_padding}");
        }

        _geometry = geometry;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weight = Weight;
        var u = randn(ConvSpectralNorm.ShapeOfU(geometry, _grid), dtype: weight.dtype, device: weight.device);
        u.div_(u.norm());
        Vectors.Begin(u, zeros(ConvSpectralNorm.ShapeOfV(geometry, _grid), dtype: weight.dtype, device: weight.device));
        Iterate(Initializer.RegistrationIterations);
    }

    private void Iterate(int iterations)
    {
        using var norm = Norm();
        norm.Iterate(Weight, iterations);
        Vectors.Store(norm.U, norm.V);
    }

    // On copies: a graph that is not differentiated yet may still need the numbers that buffers had.
    private ConvSpectralNorm Norm() => Vectors.Exist
        ? new ConvSpectralNorm(Geometry, _grid, Vectors.U.clone(), Vectors.V.clone())
        : throw new InvalidOperationException("a spectral convolution does not know the size of its images: give imageSize, or make one forward pass");
}
