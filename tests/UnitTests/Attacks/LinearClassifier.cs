using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Attacks;

/// <summary>Logits that are linear in the pixels: least distances in closed form.</summary>
internal sealed class LinearClassifier
{
    private readonly double[][] _rows;

    /// <param name="classes">Each with a row of weights that follows from the seed.</param>
    public LinearClassifier(int seed, int classes, int channels = 2, int side = 4)
    {
        Shape = [channels, side, side];
        using var generator = new Generator((ulong)seed);
        Weights = randn([classes, channels * side * side], dtype: ScalarType.Float64, generator: generator);
        _rows = [.. Weights.ReadDoubles().Chunk((int)Weights.shape[1])];
        Classifier = new FunctionClassifier(x => x.flatten(1).mm(Weights.to(x.dtype).t()));
    }

    public long[] Shape { get; }

    public Tensor Weights { get; }

    public Classifier Classifier { get; }

    /// <summary>Random images with the classes that they are given.</summary>
    public AttackSamples Samples(int count, ScalarType dtype = ScalarType.Float64, ulong seed = 7)
    {
        using var generator = new Generator(seed);
        var images = rand([count, .. Shape], dtype: ScalarType.Float64, generator: generator).to(dtype);
        return new AttackSamples(images, Classifier.Logits(images).argmax(1), [.. Enumerable.Range(0, count)], Seed: 3);
    }

    /// <summary>Distance from each sample to the nearest other class, pixels taking any value.</summary>
    public double[] Distances(AttackSamples samples, AttackNorm norm)
    {
        var (logits, labels) = (Classifier.Logits(samples.Images).ReadDoubles().Chunk(_rows.Length).ToArray(), samples.Labels.ReadDoubles());
        return [.. logits.Select((row, sample) => Enumerable.Range(0, row.Length).Where(other => other != (int)labels[sample]).Min(other =>
            (row[(int)labels[sample]] - row[other]) / Size(_rows[(int)labels[sample]], _rows[other], norm)))];
    }

    private static double Size(double[] one, double[] other, AttackNorm norm) => norm == AttackNorm.L2
        ? Math.Sqrt(one.Zip(other, (a, b) => (a - b) * (a - b)).Sum())
        : one.Zip(other, (a, b) => Math.Abs(a - b)).Sum();
}
