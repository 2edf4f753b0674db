namespace Lcnn.Distributed.Networks;

/// <summary>What layers do that say nothing else.</summary>
public static class NetworkStyles
{
    /// <summary>Spectrally normalised convolutions, gamma-Lipschitz batch norms, centered softplus with learnable betas (the paper's).</summary>
    public const string LowCurvature = "lcnn";

    /// <summary>Plain convolutions and batch norms, softplus with beta 1e3 (the authors' baseline).</summary>
    public const string Standard = "standard";

    /// <summary>Plain convolutions and batch norms, ReLU.</summary>
    public const string Rectified = "relu";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [LowCurvature, Standard, Rectified];
}
