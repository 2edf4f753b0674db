namespace Lcnn.Distributed.Model.Losses;

/// <summary>The reference's four objectives (regularized_loss.py).</summary>
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
}
