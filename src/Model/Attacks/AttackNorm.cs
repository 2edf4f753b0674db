namespace Lcnn.Distributed.Model.Attacks;

/// <summary>How the size of a perturbation is measured.</summary>
public enum AttackNorm
{
    /// <summary>Root of the sum of squares over all pixels.</summary>
    L2,

    /// <summary>Largest change of a pixel.</summary>
    Linf,
}
