using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Attacks the first samples of a data set in batches of a fixed size, so that the outcome does not depend on who attacks which.</summary>
/// <param name="Samples">How many, from the first on.</param>
/// <param name="Attack">One of <see cref="AttackPlan.Names"/>.</param>
/// <param name="Ball">Where attacks may go, in pixels' units.</param>
/// <param name="Seed">Of all random numbers.</param>
/// <param name="Effort">Steps and restarts, or null for the usual.</param>
public sealed record AttackMeasurement(int Samples, string Attack, NormBall Ball, long Seed, AttackEffort? Effort = null)
{
    // An attack's last projection and clip may leave float32's roundings over.
    private const double Slack = 1 + 1e-5;

    /// <summary>Batches that the samples are cut into.</summary>
    public int Batches => Cut.Count;

    private MeasuredBatches Cut => new(Samples);

    /// <summary>Attacks one batch.</summary>
    /// <param name="layers">Evaluation parameters of every layer.</param>
    /// <param name="normalization">What the data set's values were made of pixels with; null for none.</param>
    /// <returns>One a sample, in order.</returns>
    /// <exception cref="ArgumentException">The attack is unknown or wants more classes.</exception>
    public IReadOnlyList<SampleAttack> Measure(
        Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, PixelNormalization? normalization, int batch) => LibtorchException.In("the attacks", () =>
    {
        using var scope = NewDisposeScope();
        var places = Cut.PlacesOf(batch);
        using var samples = SampleBatch.Gather(data, places, layers[0].Device);
        using var classifier = new NetworkClassifier(network, layers, normalization);
        return Measure(classifier, new AttackSamples(classifier.Pixels(samples.Images), samples.Labels, places, Seed), network.Classes);
    });

    /// <summary>Attacks all batches, each on one of some threads.</summary>
    /// <param name="advanced">Called after every batch, on its thread.</param>
    /// <returns>One a sample, in order.</returns>
    public IReadOnlyList<SampleAttack> MeasureAll(
        Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, PixelNormalization? normalization, ComputeThreads threads, Action? advanced = null) => Cut.MeasureAll(threads, batch =>
        {
            var measured = Measure(network, layers, data, normalization, batch);
            advanced?.Invoke();
            return measured;
        });

    /// <summary>Attacks some samples.</summary>
    /// <param name="within">What a smaller ball gave of the same samples: those that fell there fall here, by the same image. Null for none.</param>
    internal IReadOnlyList<SampleAttack> Measure(Classifier classifier, AttackSamples samples, int classes, IReadOnlyList<SampleAttack>? within = null)
    {
        using var scope = NewDisposeScope();
        SampleAttack[] results = within is null
            ? Array.ConvertAll(PerSample.Read(PerSample.IsFooled(classifier.Logits(samples.Images), samples.Labels)), isWrong => new SampleAttack(!isWrong, null, 0, 0, false))
            : [.. within.Select(sample => sample.IsRobust ? sample with { HadNoGradient = false } : sample)];
        foreach (var attack in AttackPlan.Of(Attack, Ball, classes, Effort))
        {
            var standing = Enumerable.Range(0, samples.Count).Where(row => results[row].IsRobust).ToArray();
            if (standing.Length > 0)
            {
                Record(attack, classifier, samples.Pick(standing), standing, results);
            }
        }

        return results;
    }

    private void Record(Attack attack, Classifier classifier, AttackSamples samples, int[] rows, SampleAttack[] results)
    {
        using var scope = NewDisposeScope();
        var outcome = attack.Run(classifier, samples);
        var change = outcome.Images.to(ScalarType.Float64) - samples.Images.to(ScalarType.Float64);
        var (l2, linf) = (PerSample.Sizes(change, AttackNorm.L2), PerSample.Sizes(change, AttackNorm.Linf));
        for (var i = 0; i < rows.Length; i++)
        {
            var isFooled = outcome.IsFooled[i] && (Ball.Norm == AttackNorm.L2 ? l2[i] : linf[i]) <= Ball.Radius * Slack;
            results[rows[i]] = new SampleAttack(
                IsCorrect: true, isFooled ? attack.Name : null, isFooled ? l2[i] : 0, isFooled ? linf[i] : 0, results[rows[i]].HadNoGradient || outcome.HadNoGradient[i]);
        }
    }
}
