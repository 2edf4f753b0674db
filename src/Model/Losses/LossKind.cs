namespace Lcnn.Distributed.Model.Losses;

/// <summary>The reference's four objectives (regularized_loss.py at efbe69a), and the two that an older revision of it compares with (5b94577).</summary>
[Flags]
public enum LossKind
{
    /// <summary>Mean cross-entropy.</summary>
    CrossEntropy = 0,

    /// <summary>Plus the weighted gradient-norm term.</summary>
    GradientNorm = 1,

    /// <summary>Plus the weighted beta and gamma terms.</summary>
    Curvature = 2,

    /// <summary>Plus both.</summary>
    CurvatureAndGradientNorm = Curvature | GradientNorm,

    /// <summary>Plus the weighted change of the input gradient along its signs (Moosavi-Dezfooli et al. 2019).</summary>
    Cure = 4,

    /// <summary>Of adversarial examples instead of the samples (Madry et al. 2018).</summary>
    Adversarial = 8,
}
