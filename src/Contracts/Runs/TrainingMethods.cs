using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>A row of the paper's table: a style of network, an objective and its weights.</summary>
/// <param name="Name">What <see cref="RunSpec.Method"/> says.</param>
/// <param name="Style">Of the network, one of <see cref="NetworkStyles.Names"/>.</param>
/// <param name="Loss">One of <see cref="Names.Losses"/>.</param>
/// <param name="Source">Where it is from.</param>
public sealed record TrainingMethod(string Name, string Style, string Loss, string Source)
{
    /// <summary>l_b where the method has one of its own.</summary>
    public double? BetaWeight { get; init; }

    /// <summary>l_g where the method has one of its own.</summary>
    public double? GammaWeight { get; init; }

    /// <summary>The spec with the method's network, loss and weights; the rest, the preset's weights with it, stays.</summary>
    /// <remarks>A network of the run's own takes the style and keeps what its layers say for themselves; one of no known style stays, and the loss says if it does not suit.</remarks>
    public RunSpec Apply(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var own = spec.Network is null ? null : NetworkReader.Read(spec.Network).Description;
        return spec with
        {
            Method = Name,
            Architecture = spec.Network is null ? NetworkCatalog.InStyle(spec.Architecture, Style) ?? spec.Architecture : spec.Architecture,
            Network = own is null ? spec.Network : (own with { Style = Style }).ToJson(),
            Loss = Loss,
            BetaWeight = BetaWeight ?? spec.BetaWeight,
            GammaWeight = GammaWeight ?? spec.GammaWeight,
        };
    }
}

/// <summary>The methods that the paper compares, and the authors' minimal recipe: each stands beside its source.</summary>
public static class TrainingMethods
{
    /// <summary>In the order of the paper's table.</summary>
    public static IReadOnlyList<TrainingMethod> All { get; } =
    [
        new("standard", NetworkStyles.Standard, "ce", "README at 5b94577: --model-arch=resnet18"),
        new("lcnn", NetworkStyles.LowCurvature, "curvature", "README at 5b94577: --regularizer=curvature_proxy --model-arch=resnet18smoothconv"),
        new("gradreg", NetworkStyles.Standard, "gradnorm", "README at 5b94577: --regularizer=gnorm --model-arch=resnet18"),
        new("lcnn+gradreg", NetworkStyles.LowCurvature, "curvature+gradnorm", "README at 5b94577: --regularizer=curvature_and_gnorm --model-arch=resnet18smoothconv"),
        new("cure", NetworkStyles.Standard, "cure", "README at 5b94577: --regularizer=cure --model-arch=resnet18"),
        new("softplus-decay", NetworkStyles.LowBeta, "ce", "README at 5b94577: --model-arch=resnet18lowbeta, with the weight decay of all"),
        new("adversarial", NetworkStyles.Standard, "adversarial", "README at 5b94577: --model-arch=resnet18 --adv_attack l2_pgd_3_100000"),

        // "Apply (large) weight decay to beta": the weight of the released command line on their sum, train_models.py:108.
        new("recipe", NetworkStyles.Recipe, "curvature+gradnorm", "README at efbe69a, \"Minimal Recipe\"") { BetaWeight = 1e-2, GammaWeight = 0 },
    ];

    /// <summary>The method of a name, or null.</summary>
    public static TrainingMethod? Find(string name) => All.FirstOrDefault(method => method.Name == name);
}
