namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>How gradients of raw parameters are had.</summary>
public enum Form
{
    /// <summary>The reference's: one graph from the raw parameters to the loss.</summary>
    Raw,

    /// <summary>Ours: replicas differentiate with respect to effective parameters, the owner applies the chain rule.</summary>
    Effective,
}
