using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>What stands under a spectral module's parametrizations, as torch names it.</summary>
internal sealed class Parametrizations : nn.Module
{
    public Parametrizations(Tensor weight, bool learns) : base(nameof(Parametrizations))
    {
        Weight = new SpectralWeight(weight, learns);
        RegisterComponents();
    }

    /// <summary>The only one.</summary>
    [field: ComponentName(Name = "weight")]
    public SpectralWeight Weight { get; }
}

/// <summary>A raw weight (original) with its singular vectors (0._u, 0._v).</summary>
internal sealed class SpectralWeight : nn.Module
{
    private const string Raw = "original";

    public SpectralWeight(Tensor weight, bool learns) : base(nameof(SpectralWeight))
    {
        register_parameter(Raw, Parameters.Of(weight, learns));
        RegisterComponents();
    }

    /// <summary>u and v.</summary>
    [field: ComponentName(Name = "0")]
    public SingularVectors Vectors { get; } = new();

    /// <summary>W.</summary>
    public Parameter Original => get_parameter(Raw)!;
}
