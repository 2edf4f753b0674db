using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>One sample of a Square attack: its clean image, the best one so far, and what is tried next. On the host, in plain loops: only queries go to the network.</summary>
/// <remarks>Andriushchenko et al. 2020; Linf: stripes, then squares of one sign a channel; l2 in <see cref="SquareBumps"/>.</remarks>
internal abstract class SquareProposal
{
    private RandomSource _draws;

    /// <param name="clean">C, H, W row by row; taken over.</param>
    protected SquareProposal(float[] clean, (int Channels, int Height, int Width) shape, NormBall ball, RandomSource draws)
    {
        (Clean, Best, Shape, Ball, _draws) = (clean, [.. clean], shape, ball, draws);
    }

    /// <summary>Whether windows may lie at the last row and column.</summary>
    public bool ReachesEdges { get; init; } = true;

    /// <summary>The best image so far.</summary>
    public float[] Best { get; private set; }

    /// <summary>Its margin z_y - max of the others.</summary>
    public double Margin { get; private set; } = double.PositiveInfinity;

    protected float[] Clean { get; }

    protected (int Channels, int Height, int Width) Shape { get; }

    protected NormBall Ball { get; }

    /// <summary>A fresh one.</summary>
    public static SquareProposal For(float[] clean, (int Channels, int Height, int Width) shape, NormBall ball, RandomSource draws, bool reachesEdges) =>
        ball.Norm == AttackNorm.Linf ? new SquareSigns(clean, shape, ball, draws) { ReachesEdges = reachesEdges } : new SquareBumps(clean, shape, ball, draws) { ReachesEdges = reachesEdges };

    /// <summary>Where the search begins.</summary>
    public abstract float[] Begin();

    /// <summary>What is tried in a query.</summary>
    /// <param name="query">From 0.</param>
    public abstract float[] Next(int query);

    /// <summary>Takes what was tried if it is better or fools.</summary>
    public void Tell(float[] tried, double margin)
    {
        if (margin < Margin || margin <= 0)
        {
            (Best, Margin) = (tried, margin);
        }
    }

    protected int Place(int side, int size) => _draws.NextInt(Math.Max(size - side + (ReachesEdges ? 1 : 0), 1));

    protected float Sign() => _draws.NextInt(2) == 0 ? -1 : 1;

    protected int At(int channel, int row, int column) => (((channel * Shape.Height) + row) * Shape.Width) + column;
}
