using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>Certifies the first samples of a data set in batches of a fixed size, so that figures do not depend on who measures which.</summary>
/// <remarks>Margins and gradients are measured in float64, whose errors are not bounded here; they are some 1e-13 of the logits, against 1e-6 in float32.</remarks>
/// <param name="Samples">How many, from the first on.</param>
public sealed record CertificateMeasurement(int Samples)
{
    private static readonly long[] _pixels = [1, 2, 3];

    /// <summary>Batches that the samples are cut into.</summary>
    public int Batches => Cut.Count;

    private MeasuredBatches Cut => new(Samples);

    /// <summary>Certifies one batch.</summary>
    /// <param name="layers">Evaluation parameters of every layer in float64, on the processor: <see cref="PreparedLayer.InDouble"/>.</param>
    /// <param name="certificate">Of the same layers.</param>
    /// <returns>One a sample, in order.</returns>
    public IReadOnlyList<SampleCertificate> Measure(
        Network network, IReadOnlyList<PreparedLayer> layers, NetworkCertificate certificate, ILabelledImages data, int batch) => LibtorchException.In("the certificates", () =>
    {
        using var scope = NewDisposeScope();
        using var samples = SampleBatch.Gather(data, Cut.PlacesOf(batch), ComputeDevice.Cpu);
        return Measure(network, layers, certificate, samples.Images.to(ScalarType.Float64), samples.Labels);
    });

    /// <summary>Certifies all batches, each on one of some threads.</summary>
    /// <param name="advanced">Called after every batch, on its thread.</param>
    /// <returns>One a sample, in order.</returns>
    public IReadOnlyList<SampleCertificate> MeasureAll(
        Network network, IReadOnlyList<PreparedLayer> layers, NetworkCertificate certificate, ILabelledImages data, ComputeThreads threads, Action? advanced = null) => Cut.MeasureAll(threads, batch =>
        {
            var measured = Measure(network, layers, certificate, data, batch);
            advanced?.Invoke();
            return measured;
        });

    /// <summary>Certifies some images.</summary>
    /// <param name="x_BCHW">float64.</param>
    internal static IReadOnlyList<SampleCertificate> Measure(
        Network network, IReadOnlyList<PreparedLayer> layers, NetworkCertificate certificate, Tensor x_BCHW, Tensor labels_B)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var parameters = new EffectiveParameters(layers, Normalization.Running) { ReachesImages = true };
        using var tape = new Tape(network, parameters);
        using var loss = new CrossEntropy(labels_B, globalBatchCount: 1);
        using var logits_BK = tape.Run(Pass.Forward, TensorLayout.ForKernels(x_BCHW))!;
        var gradients = NormsOfSlopes(tape, loss.Begin(logits_BK));
        var (logits, labels, classes) = (logits_BK.ReadDoubles(), labels_B.ReadDoubles(), (int)logits_BK.shape[1]);
        var slopes = Enumerable.Range(0, classes).Select(other => NormsOfSlopes(tape, MarginSlope(labels_B, other, logits_BK))).ToList();
        return [.. gradients.Select((gradient, sample) => Of(
            certificate, logits.AsSpan(sample * classes, classes), (int)labels[sample], [.. slopes.Select(of => of[sample])], gradient))];
    }

    private static SampleCertificate Of(NetworkCertificate certificate, ReadOnlySpan<double> logits, int label, double[] slopes, double gradient)
    {
        var (radius, ofCurvature, ofLipschitz, ofAttack) = (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var isCorrect = true;
        for (var other = 0; other < logits.Length; other++)
        {
            if (other == label)
            {
                continue;
            }

            var (margin, bound) = (logits[label] - logits[other], certificate.LogitDifference(label, other));
            var curvature = CertifiedRadius.OfCurvature(margin, slopes[other], bound.JacobianLipschitz);
            var lipschitz = CertifiedRadius.OfLipschitz(margin, bound.Lipschitz);
            isCorrect &= margin > 0;
            (ofCurvature, ofLipschitz) = (Math.Min(ofCurvature, curvature), Math.Min(ofLipschitz, lipschitz));
            radius = Math.Min(radius, Math.Max(curvature, lipschitz));
            ofAttack = Math.Min(ofAttack, CertifiedRadius.OfCertainAttack(margin, slopes[other], bound.JacobianLipschitz));
        }

        return new SampleCertificate(isCorrect, radius, ofCurvature, ofLipschitz, ofAttack, gradient, certificate.CurvatureAt(gradient));
    }

    // Of z_y - z_other by the logits, shape [B, K]; nothing where both are one class.
    private static Tensor MarginSlope(Tensor labels_B, int other, Tensor logits_BK)
    {
        var classes = logits_BK.shape[1];
        var others_B = tensor(Enumerable.Repeat((long)other, (int)labels_B.shape[0]).ToArray());
        return (nn.functional.one_hot(labels_B, classes) - nn.functional.one_hot(others_B, classes)).to(logits_BK.dtype);
    }

    private static double[] NormsOfSlopes(Tape tape, Tensor slope_BK)
    {
        using var g_BCHW = tape.Run(Pass.BackwardToInput, slope_BK)!;
        return (g_BCHW * g_BCHW).sum(_pixels).sqrt().ReadDoubles();
    }
}
