using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Square's proposals for l2: a grid of bumps, then bumps in one window that take the budget of another.</summary>
/// <remarks>A bump is two halves of opposite sign, each a pile of growing rectangles of height 1 / k^2 around its middle, of norm 1, lying or standing.</remarks>
internal sealed class SquareBumps(float[] clean, (int Channels, int Height, int Width) shape, NormBall ball, RandomSource draws)
    : SquareProposal(clean, shape, ball, draws)
{
    private const int BumpsPerSide = 5;
    private const double Tiny = 1e-12;

    /// <inheritdoc/>
    public override float[] Begin()
    {
        var change = new float[Clean.Length];
        var side = Math.Max(Shape.Height / BumpsPerSide, 1);
        var margin = Math.Max((Shape.Height - (side * BumpsPerSide)) / 2, 0);
        for (var top = margin; top + side <= Shape.Height; top += side)
        {
            for (var left = margin; left + side <= Shape.Width; left += side)
            {
                var bump = Bump(side, isStanding: Sign() > 0);
                for (var channel = 0; channel < Shape.Channels; channel++)
                {
                    var sign = Sign();
                    ForWindow(channel, top, left, side, (at, place) => change[at] += sign * bump[place]);
                }
            }
        }

        return Moved(change);
    }

    /// <inheritdoc/>
    public override float[] Next(int query)
    {
        var side = SquareSchedule.Side(query, Shape.Height, Shape.Width, isOdd: true);
        var (top, left) = (Place(side, Shape.Height), Place(side, Shape.Width));
        var (otherTop, otherLeft) = (Place(side, Shape.Height), Place(side, Shape.Width));
        var bump = Bump(side, isStanding: Sign() > 0);
        var change = new float[Clean.Length];
        for (var at = 0; at < change.Length; at++)
        {
            change[at] = Best[at] - Clean[at];
        }

        var unspent = Math.Max((Ball.Radius * Ball.Radius) - SquaresOf(change), 0) / Shape.Channels;
        for (var channel = 0; channel < Shape.Channels; channel++)
        {
            Rebuild(change, channel, (top, left), (otherTop, otherLeft), side, bump, unspent);
        }

        return Moved(change);
    }

    // The window gets the bump on top of its own direction, with the squares of both windows and what is unspent; the other one is emptied.
    private void Rebuild(float[] change, int channel, (int Top, int Left) window, (int Top, int Left) other, int side, float[] bump, double unspent)
    {
        var sign = Sign();
        var fresh = new float[side * side];
        var (squares, both) = (0.0, 0.0);
        ForWindow(channel, window.Top, window.Left, side, (at, _) => squares += (double)change[at] * change[at]);
        ForWindow(channel, other.Top, other.Left, side, (at, _) =>
        {
            both += (double)change[at] * change[at];
            change[at] = IsIn(at, window, side) ? change[at] : 0;
        });
        ForWindow(channel, window.Top, window.Left, side, (at, place) =>
        {
            both += IsIn(at, other, side) ? 0 : (double)change[at] * change[at];
            fresh[place] = (sign * bump[place]) + (float)(change[at] / (Tiny + Math.Sqrt(squares)));
        });
        var factor = (float)(Math.Sqrt(unspent + both) / (Tiny + Math.Sqrt(SquaresOf(fresh))));
        ForWindow(channel, window.Top, window.Left, side, (at, place) => change[at] = fresh[place] * factor);
    }

    private bool IsIn(int at, (int Top, int Left) window, int side)
    {
        var (row, column) = (at / Shape.Width % Shape.Height, at % Shape.Width);
        return row >= window.Top && row < window.Top + side && column >= window.Left && column < window.Left + side;
    }

    private float[] Moved(float[] change)
    {
        var factor = (float)(Ball.Radius / (Math.Sqrt(SquaresOf(change)) + Tiny));
        var image = new float[change.Length];
        for (var at = 0; at < image.Length; at++)
        {
            image[at] = Ball.Range.Clip(Clean[at] + (change[at] * factor));
        }

        return image;
    }

    private static float[] Bump(int side, bool isStanding)
    {
        var bump = new double[side * side];
        var half = side / 2;
        Pile(bump, side, 0, half, 1);
        Pile(bump, side, half, side - half, -1);
        var norm = Math.Sqrt(bump.Sum(value => value * value));
        var values = new float[bump.Length];
        for (var place = 0; place < values.Length; place++)
        {
            values[isStanding ? (place % side * side) + (place / side) : place] = (float)(bump[place] / norm);
        }

        return values;
    }

    // Rows first .. first + rows - 1: rectangles around the middle that grow by one on every side.
    private static void Pile(double[] bump, int side, int first, int rows, double sign)
    {
        if (rows == 0)
        {
            return;
        }

        var pile = new double[rows * side];
        for (var layer = 0; layer < Math.Max((rows / 2) + 1, (side / 2) + 1); layer++)
        {
            for (var row = Math.Max((rows / 2) - layer, 0); row < Math.Min((rows / 2) + layer + 1, rows); row++)
            {
                for (var column = Math.Max((side / 2) - layer, 0); column < Math.Min((side / 2) + layer + 1, side); column++)
                {
                    pile[(row * side) + column] += 1.0 / ((layer + 1) * (layer + 1));
                }
            }
        }

        var norm = Math.Sqrt(pile.Sum(value => value * value));
        for (var place = 0; place < pile.Length; place++)
        {
            bump[(first * side) + place] = sign * pile[place] / norm;
        }
    }

    private void ForWindow(int channel, int top, int left, int side, Action<int, int> visit)
    {
        for (var row = 0; row < side; row++)
        {
            for (var column = 0; column < side; column++)
            {
                visit(At(channel, top + row, left + column), (row * side) + column);
            }
        }
    }

    private static double SquaresOf(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
