namespace Lcnn.Distributed.Model.Operations;

/// <summary>The passes of a step over the network, in their order; see <see cref="Operation"/>.</summary>
public enum Pass
{
    /// <summary>Images to logits.</summary>
    Forward,

    /// <summary>The loss's slope to the images.</summary>
    BackwardToInput,

    /// <summary>The slope of that pass's result to the logits.</summary>
    Adjoint,

    /// <summary>The slope in everything, with the gradients of the parameters.</summary>
    Backward,
}
