namespace Lcnn.Distributed.Model.Layers;

/// <summary>Numbers of the softplus through the origin, (softplus(b x) - ln 2) / b (paper eq. 3, reference models/psoftplus.py).</summary>
public static class CenteredSoftplus
{
    /// <summary>Added to exp(log_beta), psoftplus.py:23.</summary>
    public const double Epsilon = 1e-3;

    /// <summary>What softplus has at 0.</summary>
    internal static readonly double Ln2 = Math.Log(2);
}
