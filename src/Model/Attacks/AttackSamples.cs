using Lcnn.Distributed.Data.Randomness;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Samples under attack. Random numbers follow from the seed, the attack and a sample's place in the data set, so that nobody else in its batch matters.</summary>
/// <param name="Images">Shape [B, C, H, W], clean; whoever makes the samples keeps them.</param>
/// <param name="Labels">Shape [B], int64.</param>
/// <param name="Places">Of the samples in the data set.</param>
/// <param name="Seed">Of all random numbers.</param>
internal sealed record AttackSamples(Tensor Images, Tensor Labels, IReadOnlyList<int> Places, long Seed)
{
    /// <summary>Samples.</summary>
    public int Count => Places.Count;

    /// <summary>Those of some rows, in the caller's dispose scope.</summary>
    public AttackSamples Pick(IReadOnlyList<int> rows) =>
        new(PerSample.Rows(Images, rows), PerSample.Rows(Labels, rows), [.. rows.Select(row => Places[row])], Seed);

    /// <summary>The random numbers of one sample.</summary>
    /// <param name="row">Of the sample.</param>
    /// <param name="stream">Different for every use: attack, restart and target.</param>
    public RandomSource Draws(int row, AttackStream stream) => RandomSource.For(Seed, RandomPurpose.Attack, stream.Key, Places[row]);

    /// <summary>One random image a sample, of the images' type and layout.</summary>
    /// <param name="draw">One number.</param>
    public Tensor Draw(AttackStream stream, DrawNumber draw)
    {
        var values = new float[Images.numel()];
        var pixels = values.Length / Count;
        for (var row = 0; row < Count; row++)
        {
            var draws = Draws(row, stream);
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                values[(row * pixels) + pixel] = (float)draw(ref draws);
            }
        }

        return tensor(values, Images.shape).to(Images.dtype).to(Images.device);
    }
}

/// <summary>Draws one number.</summary>
internal delegate double DrawNumber(ref RandomSource draws);

/// <summary>Names a stream of random numbers.</summary>
/// <param name="Attack">Which attack.</param>
/// <param name="Restart">From 0.</param>
/// <param name="Target">Which target class, from 0.</param>
internal readonly record struct AttackStream(AttackKind Attack, int Restart = 0, int Target = 0)
{
    public long Key => ((long)Attack << 48) | ((long)Restart << 24) | (uint)Target;
}

/// <summary>Attacks that draw; the number is part of the stream's key and never changes.</summary>
internal enum AttackKind
{
    /// <summary><see cref="ProjectedGradient"/>.</summary>
    ProjectedGradient = 1,

    /// <summary><see cref="AutoProjectedGradient"/> on the cross-entropy.</summary>
    AutoProjectedGradient = 2,

    /// <summary>The same on the targeted difference of logits ratio.</summary>
    TargetedAutoProjectedGradient = 3,

    /// <summary><see cref="FastAdaptiveBoundary"/>.</summary>
    FastAdaptiveBoundary = 4,

    /// <summary><c>SquareAttack</c>.</summary>
    Square = 5,
}
