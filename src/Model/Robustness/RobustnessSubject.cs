using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Stability;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Robustness;

/// <summary>A trained network on its test samples, to be measured part by part; safe for concurrent calls.</summary>
public sealed class RobustnessSubject : IDisposable
{
    private readonly RobustnessPlan _plan;
    private readonly Network _network;
    private readonly IReadOnlyList<PreparedLayer> _layers;
    private readonly IReadOnlyList<PreparedLayer> _doubles;
    private readonly ILabelledImages _data;

    /// <summary>Bounds the network if the plan certifies; call it with one intra-op thread.</summary>
    /// <param name="layers">Evaluation parameters of every layer; they stay the caller's.</param>
    /// <param name="advanced">Told of every layer that is bounded; what it throws ends the work.</param>
    /// <exception cref="ArgumentException">The plan cannot be measured of this network, or its weights are not finite.</exception>
    public RobustnessSubject(RobustnessPlan plan, Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, Action? advanced = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Check(network.Classes);
        (_plan, _network, _layers, _data) = (plan, network, layers, data);
        _doubles = plan.CertifiedSamples == 0 ? [] : [.. layers.Select(layer => layer.InDouble())];
        try
        {
            Certificate = plan.CertifiedSamples == 0 ? null : NetworkCertificate.Of(network, _doubles, advanced);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The values that perturbed pixels may take: [0, 1] for images, any for numbers.</summary>
    public PixelRange Range => _data.Bounds is null ? PixelRange.Any : PixelRange.Unit;

    /// <summary>Bounds of the network; null where the plan does not certify.</summary>
    public NetworkCertificate? Certificate { get; }

    /// <summary>Measures a part.</summary>
    /// <param name="advanced">Told the passes made, on the same thread; what it throws ends the part. All of them together are at most the part's <see cref="RobustnessPlan.MostWork"/>.</param>
    /// <exception cref="LibtorchException">libtorch could not.</exception>
    public RobustnessOutcome Measure(RobustnessPart part, Action<double>? advanced = null) => part.Kind switch
    {
        RobustnessKind.Noise => Whole(part, advanced, new RobustnessOutcome(part)
        {
            Noise = new StabilityMeasurement(_plan.NoisySamples, _plan.NoiseNorms[part.Number], _plan.Draws, _plan.Seed).Measure(_network, _layers, _data, part.Batch),
        }),
        RobustnessKind.Certificate => Whole(part, advanced, new RobustnessOutcome(part)
        {
            Certificates = [.. new CertificateMeasurement(_plan.CertifiedSamples).Measure(_network, _doubles, Certificate!, _data, part.Batch).Select(InPixels)],
        }),
        _ => LibtorchException.In("the attacks", () => Attack(part, advanced ?? (_ => { }))),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _doubles)
        {
            layer.Dispose();
        }
    }

    private RobustnessOutcome Whole(RobustnessPart part, Action<double>? advanced, RobustnessOutcome outcome)
    {
        advanced?.Invoke(_plan.MostWork(part, _network.Classes));
        return outcome;
    }

    private RobustnessOutcome Attack(RobustnessPart part, Action<double> advanced)
    {
        using var scope = NewDisposeScope();
        var places = _plan.PlacesOf(part);
        using var batch = SampleBatch.Gather(_data, places, _layers[0].Device);
        using var classifier = new NetworkClassifier(_network, _layers, _data.Normalization);
        var samples = new AttackSamples(classifier.Pixels(batch.Images), batch.Labels, places, _plan.Seed);
        var meter = new WorkMeter(_plan.MostWork(part, _network.Classes), advanced);
        var counted = new CountedClassifier(classifier, meter.Add);
        var results = new List<IReadOnlyList<SampleAttack>>();
        foreach (var epsilon in _plan.Epsilons)
        {
            // What fell within a smaller ball lies within this one, too.
            results.Add(new AttackMeasurement(_plan.AttackSamples, _plan.Attacks[part.Number], _plan.BallOf(epsilon, Range), _plan.Seed, _plan.Effort)
                .Measure(counted, samples, _network.Classes, results.Count == 0 ? null : results[^1]));
        }

        meter.Finish();
        return new RobustnessOutcome(part) { Attacks = results, Flags = part.Batch == 0 ? AttackChecks.OfClassifier(classifier, samples.Images) : [] };
    }

    // Pixels are divided by deviations on their way to the network: distances grow by at most 1 / the smallest, and by at least 1 / the largest.
    private SampleCertificate InPixels(SampleCertificate sample)
    {
        IReadOnlyList<float> deviations = _data.Normalization?.Deviations ?? [1];
        var (least, most) = (deviations.Min(), deviations.Max());
        double Down(double radius) => least == 1 ? radius : Math.BitDecrement(radius * least);
        return sample with
        {
            Radius = Math.Max(Down(sample.Radius), 0),
            CurvatureRadius = Math.Max(Down(sample.CurvatureRadius), 0),
            LipschitzRadius = Math.Max(Down(sample.LipschitzRadius), 0),
            AttackRadius = most == 1 ? sample.AttackRadius : Math.BitIncrement(sample.AttackRadius * most),
        };
    }

    // Work that samples saved by falling early is added at the end.
    private sealed class WorkMeter(double most, Action<double> advanced)
    {
        private double _done;

        public void Add(double work)
        {
            work = Math.Min(work, most - _done);
            _done += work;
            advanced(work);
        }

        public void Finish() => Add(most - _done);
    }
}
