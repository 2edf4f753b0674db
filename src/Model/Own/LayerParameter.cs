using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Model.Own;

/// <summary>One number of a parameter's initial value.</summary>
/// <param name="draws">Random numbers that follow from the run's seed, the layer and the parameter alone.</param>
public delegate double InitialNumber(ref RandomSource draws);

/// <summary>A tensor that an operation of a program's own learns, or that is drawn once and stays (<see cref="Learns"/>).</summary>
/// <param name="Name">Its name in checkpoints, after the layer's place: letters, digits and '_'.</param>
/// <param name="Shape">Its shape; none for one number.</param>
/// <param name="Initial">Makes the initial value, number by number in row-major order.</param>
public sealed record LayerParameter(string Name, IReadOnlyList<long> Shape, InitialNumber Initial)
{
    /// <summary>Whether weight decay applies to it.</summary>
    public bool Decays { get; init; } = true;

    /// <summary>Whether it learns; else it is a buffer: drawn with the others, stored in checkpoints, and never changed.</summary>
    public bool Learns { get; init; } = true;

    /// <summary>One that begins with the same number everywhere.</summary>
    public static LayerParameter Constant(string name, double value, params IReadOnlyList<long> shape) => new(name, shape, (ref _) => value);

    /// <summary>One that begins uniform in [-bound, bound).</summary>
    public static LayerParameter Uniform(string name, double bound, params IReadOnlyList<long> shape) =>
        new(name, shape, (ref draws) => ((2 * draws.NextDouble()) - 1) * bound);

    /// <summary>One that begins normal with mean 0.</summary>
    public static LayerParameter Normal(string name, double deviation, params IReadOnlyList<long> shape) =>
        new(name, shape, (ref draws) => draws.NextNormal() * deviation);
}
