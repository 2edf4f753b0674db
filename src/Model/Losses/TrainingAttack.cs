using System.Runtime.InteropServices;
using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Losses;

/// <summary>Projected gradient ascent of the cross-entropy in an l2 ball around each sample, as adversarial training uses it.</summary>
/// <param name="Radius">Of the ball, in units of the network's inputs.</param>
/// <param name="Steps">Of the ascent.</param>
/// <param name="StepSize">Length of one.</param>
/// <param name="AgainstPredictions">Whether the cross-entropy is that of the classes that the network gives to the samples, and not of their labels.</param>
/// <param name="StartsInCube">Whether it starts uniform in the cube of half-side <paramref name="Radius"/>, projected to the ball, which is nearly always on the sphere; else at a uniform distance in a uniform direction.</param>
public sealed record TrainingAttack(double Radius, int Steps, double StepSize, bool AgainstPredictions, bool StartsInCube)
{
    private const double LeastSquare = 1e-37; // about the least of a float; with 1e-12, as in cleverhans, the steps of confident networks are shorter
    private static readonly long[] _pixels = [1, 2, 3];

    /// <summary>l2_pgd_3_100000 of adversarial_attacks.py at 5b94577: cleverhans' defaults, which move three tenths of the radius, against predicted classes, without bounds.</summary>
    public static TrainingAttack Authors { get; } = new(Radius: 0.1, Steps: 3, StepSize: 0.01, AgainstPredictions: true, StartsInCube: true);

    /// <summary>Madry et al. 2018 in l2, with 2.5 radii of way in ten steps: against the labels.</summary>
    public static TrainingAttack Standard { get; } = new(Radius: 0.1, Steps: 10, StepSize: 0.025, AgainstPredictions: false, StartsInCube: false);

    /// <summary>Smallest and largest input, a channel each, which examples keep to; null where they may be any.</summary>
    public IReadOnlyList<(double Least, double Most)>? Bounds { get; init; }

    /// <summary>Where the ascent starts, shape [B, C, H, W]: the samples themselves where nothing is drawn.</summary>
    internal Tensor Start(Tensor images_BCHW, SampleDraws? draws)
    {
        using var scope = NewDisposeScope();
        var noise = draws is null ? zeros_like(images_BCHW) : StartsInCube ? Cube(images_BCHW, draws) : Ball(images_BCHW, draws);
        return Project(images_BCHW.Plus(noise), images_BCHW).MoveToOuterDisposeScope();
    }

    /// <summary>One step up along the slope, then back into the ball and the bounds.</summary>
    internal Tensor Step(Tensor at_BCHW, Tensor images_BCHW, Tensor slope_BCHW)
    {
        using var scope = NewDisposeScope();
        var direction = slope_BCHW / SquareOf(slope_BCHW).AtLeast(LeastSquare).sqrt();
        return Project(at_BCHW.PlusScaled(direction, StepSize), images_BCHW).MoveToOuterDisposeScope();
    }

    private Tensor Project(Tensor at_BCHW, Tensor images_BCHW)
    {
        var away = at_BCHW - images_BCHW;
        var distance = SquareOf(away).AtLeast(LeastSquare).sqrt();
        var inside = images_BCHW.Plus(away / distance.DividedBy(Radius).AtLeast(1));
        return TensorLayout.ForKernels(Bounds is null ? inside : maximum(minimum(inside, Edge(inside, bound => bound.Most)), Edge(inside, bound => bound.Least)));
    }

    // One number a channel, shape [1, C, 1, 1]; a single pair is for all.
    private Tensor Edge(Tensor like_BCHW, Func<(double Least, double Most), double> side) =>
        tensor(Bounds!.Select(side).ToArray(), dtype: like_BCHW.dtype, device: like_BCHW.device).view(1, -1, 1, 1);

    private Tensor Cube(Tensor images_BCHW, SampleDraws draws) => Drawn(images_BCHW, draws, (source, numbers) =>
    {
        foreach (ref var number in numbers)
        {
            number = (float)(Radius * ((2 * source.NextDouble()) - 1));
        }
    });

    private Tensor Ball(Tensor images_BCHW, SampleDraws draws) => Drawn(images_BCHW, draws, (source, numbers) =>
    {
        var distance = Radius * source.NextDouble();
        var square = 0.0;
        foreach (ref var number in numbers)
        {
            number = (float)source.NextNormal();
            square += (double)number * number;
        }

        foreach (ref var number in numbers)
        {
            number = (float)(number * distance / Math.Sqrt(square));
        }
    });

    // In the order of [C, H, W], whatever the memory is.
    private static Tensor Drawn(Tensor images_BCHW, SampleDraws draws, Draw draw)
    {
        var noise = empty(images_BCHW.shape, dtype: ScalarType.Float32);
        var numbers = MemoryMarshal.Cast<byte, float>(noise.bytes);
        var size = numbers.Length / draws.Count;
        for (var sample = 0; sample < draws.Count; sample++)
        {
            draw(draws.OfAttack(sample), numbers.Slice(sample * size, size));
        }

        return noise.to(images_BCHW.dtype).to(images_BCHW.device);
    }

    private static Tensor SquareOf(Tensor t_BCHW) => (t_BCHW * t_BCHW).sum(_pixels, keepdim: true);

    private delegate void Draw(RandomSource source, Span<float> numbers);
}
