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

    /// <summary>As the baseline, with beta 10 (the authors' resnet18lowbeta, model_selector.py at 5b94577).</summary>
    public const string LowBeta = "lowbeta";

    /// <summary>Plain convolutions and batch norms, centered softplus with learnable betas (the authors' minimal recipe, README at efbe69a).</summary>
    public const string Recipe = "recipe";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [LowCurvature, Standard, Rectified, LowBeta, Recipe];

    /// <summary>Whether activations of the style have betas to learn.</summary>
    public static bool LearnsBetas(string style) => style is LowCurvature or Recipe;
}
