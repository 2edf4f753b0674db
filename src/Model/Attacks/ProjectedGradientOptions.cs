namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Where a projected gradient attack starts.</summary>
public enum AttackStart
{
    /// <summary>At the clean image.</summary>
    Clean,

    /// <summary>Uniform in the cube of half side epsilon, then projected onto the ball: for l2 practically on the sphere (cleverhans 574efc1d).</summary>
    Cube,

    /// <summary>Linf: uniform in the cube; l2: any direction, the distance uniform up to epsilon (torchattacks 23620a6).</summary>
    Ball,
}

/// <summary>How a projected gradient attack goes.</summary>
/// <param name="StepSize">Length of a step, in the ball's norm.</param>
/// <param name="Steps">A restart.</param>
/// <param name="Restarts">Starts; only the first is made where there is nothing random about it.</param>
/// <param name="Start">Where each begins.</param>
/// <param name="TakesLastStep">Whether only the image after the last step counts, as in the libraries; else any on the way, so that more steps never do worse.</param>
public sealed record ProjectedGradientOptions(double StepSize, int Steps, int Restarts, AttackStart Start, bool TakesLastStep)
{
    /// <summary>The authors' evaluation: steps of a tenth of epsilon, 3 or 10 of them, a start in the cube, no clip. Three steps go 0.3 epsilon at most, so that it flatters.</summary>
    public static ProjectedGradientOptions Authors(double epsilon, int steps = 10) => new(epsilon / 10, steps, 1, AttackStart.Cube, TakesLastStep: true);

    /// <summary>The usual one: 10 steps, of epsilon / 4 in Linf and epsilon / 5 in l2 as torchattacks has at its own epsilons, any image on the way counts.</summary>
    public static ProjectedGradientOptions Standard(AttackNorm norm, double epsilon, int steps = 10, int restarts = 1) =>
        new(epsilon / (norm == AttackNorm.Linf ? 4 : 5), steps, restarts, AttackStart.Ball, TakesLastStep: false);
}
