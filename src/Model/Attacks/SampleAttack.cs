namespace Lcnn.Distributed.Model.Attacks;

/// <summary>How one sample stood an attack.</summary>
/// <param name="IsCorrect">Whether it is classified rightly without one.</param>
/// <param name="FooledBy">The attack of the ensemble that made it fall; null where it stood, or was wrong from the start.</param>
/// <param name="L2">Size of the perturbation that did, in pixels' units; 0 where none did.</param>
/// <param name="Linf">The same in the largest norm.</param>
/// <param name="HadNoGradient">Whether attacks met gradients that are all zero.</param>
public readonly record struct SampleAttack(bool IsCorrect, string? FooledBy, double L2, double Linf, bool HadNoGradient)
{
    /// <summary>Whether it is classified rightly with and without.</summary>
    public bool IsRobust => IsCorrect && FooledBy is null;
}
