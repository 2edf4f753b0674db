using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Randomness;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Stability;

/// <summary>Compares gradients of the first samples of a data set with those under noise, in batches of a fixed size; noise follows from (seed, draw, sample).</summary>
/// <param name="Samples">How many, from the first on.</param>
/// <param name="NoiseNorm">l2 norm of the noise, in any direction; in the units of what the network is given.</param>
/// <param name="Draws">Of each sort of noise.</param>
/// <param name="Seed">Root of the noise.</param>
public sealed record StabilityMeasurement(int Samples, double NoiseNorm, int Draws, long Seed)
{
    private const double CubeRadius = 0.02; // captum's max-sensitivity
    private const double TopShare = 0.1;

    /// <summary>Batches that the samples are cut into.</summary>
    public int Batches => Cut.Count;

    private MeasuredBatches Cut => new(Samples);

    /// <summary>Measures one batch.</summary>
    /// <param name="layers">Evaluation parameters of every layer.</param>
    /// <returns>One a sample, in order.</returns>
    public IReadOnlyList<SampleStability> Measure(Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, int batch) => LibtorchException.In("the stability", () =>
    {
        using var scope = NewDisposeScope();
        var places = Cut.PlacesOf(batch);
        using var samples = SampleBatch.Gather(data, places, layers[0].Device);
        using var classifier = new NetworkClassifier(network, layers);
        return Measure(classifier, samples.Images, samples.Labels, places);
    });

    /// <summary>Measures some samples.</summary>
    /// <param name="places">Of the samples in the data set.</param>
    internal IReadOnlyList<SampleStability> Measure(Classifier classifier, Tensor x_BCHW, Tensor labels_B, IReadOnlyList<int> places)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor Gradient(Tensor images) => classifier.Differentiate(images, AttackLosses.CrossEntropy(labels_B)).Gradient;
        var (clean, top) = (Gradient(x_BCHW), Math.Max((int)(TopShare * x_BCHW.numel() / places.Count), 1));
        var sums = new (double Change, double Cosine, double Overlap, double Most)[places.Count];
        for (var draw = 0; draw < Draws; draw++)
        {
            using var step = NewDisposeScope();
            var noisy = Gradient(x_BCHW.Plus(Sphere(x_BCHW, places, draw)));
            var sensitive = SaliencyMaps.RelativeChange(clean, Gradient(x_BCHW.Plus(Cube(x_BCHW, places, draw))));
            var (change, cosine, overlap) = (SaliencyMaps.RelativeChange(clean, noisy), SaliencyMaps.Cosine(clean, noisy), SaliencyMaps.TopOverlap(clean, noisy, top));
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] = (sums[i].Change + change[i], sums[i].Cosine + cosine[i], sums[i].Overlap + overlap[i], Math.Max(sums[i].Most, sensitive[i]));
            }
        }

        return [.. sums.Select(sum => new SampleStability(sum.Change / Draws, sum.Cosine / Draws, sum.Overlap / Draws, sum.Most))];
    }

    private Tensor Sphere(Tensor x_BCHW, IReadOnlyList<int> places, int draw)
    {
        var noise = Noise(x_BCHW, places, 2 * draw, (ref RandomSource draws) => draws.NextNormal());
        return (noise / PerSample.Size(noise, AttackNorm.L2)).Times(NoiseNorm);
    }

    private Tensor Cube(Tensor x_BCHW, IReadOnlyList<int> places, int draw) =>
        Noise(x_BCHW, places, (2 * draw) + 1, (ref RandomSource draws) => CubeRadius * ((2 * draws.NextDouble()) - 1));

    private Tensor Noise(Tensor x_BCHW, IReadOnlyList<int> places, int key, DrawNumber number)
    {
        var values = new float[x_BCHW.numel()];
        var pixels = values.Length / places.Count;
        for (var row = 0; row < places.Count; row++)
        {
            var draws = RandomSource.For(Seed, RandomPurpose.StabilityNoise, key, places[row]);
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                values[(row * pixels) + pixel] = (float)number(ref draws);
            }
        }

        return tensor(values, x_BCHW.shape).to(x_BCHW.dtype).to(x_BCHW.device);
    }
}
