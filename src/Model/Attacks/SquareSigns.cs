using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Square's proposals for Linf: vertical stripes at the corners of the cube, then squares that go to other corners.</summary>
internal sealed class SquareSigns(float[] clean, (int Channels, int Height, int Width) shape, NormBall ball, RandomSource draws)
    : SquareProposal(clean, shape, ball, draws)
{
    /// <inheritdoc/>
    public override float[] Begin()
    {
        var image = new float[Clean.Length];
        for (var channel = 0; channel < Shape.Channels; channel++)
        {
            for (var column = 0; column < Shape.Width; column++)
            {
                var sign = Sign();
                for (var row = 0; row < Shape.Height; row++)
                {
                    Set(image, At(channel, row, column), sign);
                }
            }
        }

        return image;
    }

    /// <inheritdoc/>
    public override float[] Next(int query)
    {
        var side = SquareSchedule.Side(query, Shape.Height, Shape.Width, isOdd: false);
        var (top, left) = (Place(side, Shape.Height), Place(side, Shape.Width));
        float[] image = [.. Best];
        for (var channel = 0; channel < Shape.Channels; channel++)
        {
            var sign = Sign();
            for (var row = top; row < top + side; row++)
            {
                for (var column = left; column < left + side; column++)
                {
                    Set(image, At(channel, row, column), sign);
                }
            }
        }

        return image;
    }

    private void Set(float[] image, int at, float sign) => image[at] = Ball.Range.Clip(Clean[at] + (sign * (float)Ball.Radius));
}
