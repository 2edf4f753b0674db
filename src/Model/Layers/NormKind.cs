namespace Lcnn.Distributed.Model.Layers;

/// <summary>A sort of batch norm; none has an affine part.</summary>
public enum NormKind
{
    /// <summary>Plain.</summary>
    Batch,

    /// <summary>With a gain that makes it gamma-Lipschitz, gamma learnable.</summary>
    Lipschitz,
}
