using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.Networks;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Demonstrations;

/// <summary>The paper's figure 1: small networks that differ in their style alone, on two moons.</summary>
/// <param name="Samples">Training points.</param>
/// <param name="Noise">Standard deviation of each coordinate.</param>
/// <param name="Seed">Of the points, the weights and the directions of the curvature's power iteration.</param>
public sealed record TwoMoonsDemonstration(int Samples, double Noise, long Seed)
{
    private const int Steps = 400;
    private const int TestSamples = 400;
    private const int Iterations = 10;
    private const double LearningRate = 0.1;
    private const double PenaltyWeight = 1e-2;

    // Convolutions of one pixel are linears; these come with the norms of their style.
    private static readonly NetworkElement[] _layers =
    [
        new("repeat", new Dictionary<string, string> { ["times"] = "3" },
        [
            new("conv", new Dictionary<string, string> { ["channels"] = "32", ["kernel"] = "1" }, []),
            new("activation", new Dictionary<string, string>(), []),
        ]),
        new("flatten", new Dictionary<string, string>(), []),
        new("linear", new Dictionary<string, string> { ["features"] = "classes" }, []),
    ];

    /// <summary>The training points.</summary>
    public FloatImages Points() => TwoMoons.Create(Samples, Noise, Seed);

    /// <summary>Trains the network of a style and looks at it: the same bits for the same arguments, on one type of processor.</summary>
    /// <param name="style">One of <see cref="NetworkStyles.Names"/>.</param>
    /// <param name="fine">Where classes are asked for.</param>
    /// <param name="coarse">Where the curvature is measured.</param>
    public MoonsFigures Run(string style, PlaneGrid fine, PlaneGrid coarse, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fine);
        ArgumentNullException.ThrowIfNull(coarse);
        using var threads = new ComputeThreads(1, "moons");
        using var scope = NewDisposeScope();
        var network = Architectures.Build(new NetworkDescription($"moons-{style}", style, new Dictionary<string, long>(), _layers), new Dictionary<string, long>(), new ImageShape(2, 1, 1), 2);
        using var trainer = Train(network, NetworkStyles.LearnsBetas(style), cancellationToken);
        var layers = trainer.Evaluate();
        try
        {
            var test = TwoMoons.Create(TestSamples, Noise, Seed + 1);
            var classes = ClassesOf(network, layers, PointsOf(test));
            var mean = MeanCurvature.Of(Measure(network, layers, PointsOf(test), [.. test.Labels])).Mean;
            var plane = coarse.Points();
            var likely = ClassesOf(network, layers, plane).Select(share => share > 0.5 ? 1 : 0).ToArray();
            return new MoonsFigures(
                style,
                classes.Zip(test.Labels.ToArray(), (share, label) => share > 0.5 == (label == 1)).Count(isRight => isRight) / (double)TestSamples,
                mean,
                ClassesOf(network, layers, fine.Points()),
                [.. Measure(network, layers, plane, likely).Select(sample => sample.Curvature)]);
        }
        finally
        {
            foreach (var layer in layers)
            {
                layer.Dispose();
            }
        }
    }

    private LocalTrainer Train(Network network, bool isLowCurvature, CancellationToken cancellationToken)
    {
        var objective = new Objective(isLowCurvature ? LossKind.Curvature : LossKind.CrossEntropy, PenaltyWeight, PenaltyWeight, 0);
        var trainer = new LocalTrainer(network, network.Initialize(Seed), objective);
        using var batch = BatchOf(PointsOf(Points()), [.. Points().Labels]);
        for (var step = 0; step < Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rate = LearningRateSchedule.At("cosine", LearningRate, step, stepsPerEpoch: 1, Steps);
            trainer.Step(batch.Images, batch.Labels, new StepOptions(new OptimizerStep(rate, step + 1), objective));
        }

        return trainer;
    }

    private static float[] PointsOf(FloatImages moons)
    {
        var points = new float[moons.Count * moons.ImageLength];
        moons.Gather([.. Enumerable.Range(0, moons.Count)], points);
        return points;
    }

    private static SampleBatch BatchOf(float[] points_N2, int[] labels_N)
    {
        using var scope = NewDisposeScope();
        return new SampleBatch(tensor(points_N2, [labels_N.Length, 2, 1, 1]), tensor([.. labels_N.Select(label => (long)label)]));
    }

    // The share of class 1 in the softmax.
    private static double[] ClassesOf(Network network, IReadOnlyList<PreparedLayer> layers, float[] points_N2)
    {
        using var scope = NewDisposeScope();
        using var classifier = new NetworkClassifier(network, layers);
        using var batch = BatchOf(points_N2, new int[points_N2.Length / 2]);
        return classifier.Logits(batch.Images).softmax(1).select(1, 1).ReadDoubles();
    }

    private IReadOnlyList<SampleCurvature> Measure(Network network, IReadOnlyList<PreparedLayer> layers, float[] points_N2, int[] labels_N)
    {
        using var scope = NewDisposeScope();
        using var batch = BatchOf(points_N2, labels_N);
        return CurvatureEstimator.Measure(network, layers, batch, StartDirections.Of(Seed, [.. Enumerable.Range(0, labels_N.Length)], [labels_N.Length, 2, 1, 1]), Iterations);
    }
}

/// <summary>A network on two moons.</summary>
/// <param name="Style">Of its layers.</param>
/// <param name="Accuracy">Share of fresh points classified rightly, 0..1.</param>
/// <param name="Mean">Over those points.</param>
/// <param name="Shares">Of class 1 in the softmax, at each point of the fine grid.</param>
/// <param name="Curvatures">Normalised curvature of the likelier class' cross-entropy, at each point of the coarse grid.</param>
public sealed record MoonsFigures(string Style, double Accuracy, SampleCurvature Mean, IReadOnlyList<double> Shares, IReadOnlyList<double> Curvatures);
