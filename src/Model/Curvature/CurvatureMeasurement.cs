using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Curvature;

/// <summary>Measures the curvature of the first samples of a data set in batches of a fixed size; start directions follow from (seed, sample).</summary>
/// <param name="Iterations">Steps of the power iteration on each sample's Hessian.</param>
/// <param name="Seed">Root of the start directions.</param>
public sealed record CurvatureMeasurement(int Samples, int Iterations, long Seed)
{
    /// <summary>Batches that the samples are cut into.</summary>
    public int Batches => Cut.Count;

    private MeasuredBatches Cut => new(Samples);

    /// <summary>Samples of the batches before one, at most all.</summary>
    public int SamplesBefore(int batch) => Cut.SamplesBefore(batch);

    /// <summary>Measures one batch.</summary>
    /// <param name="layers">Evaluation parameters of every layer.</param>
    /// <param name="advanced">Called after every power iteration.</param>
    public IReadOnlyList<SampleCurvature> Measure(
        Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, int batch, Action? advanced = null) =>
        LibtorchException.In("the curvature", () => MeasureBatch(network, layers, data, batch, advanced));

    /// <summary>Measures all batches, each on one of some threads.</summary>
    /// <param name="advanced">Called after every power iteration of a batch, on its thread.</param>
    /// <returns>One a sample, in order.</returns>
    public IReadOnlyList<SampleCurvature> MeasureAll(Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, ComputeThreads threads, Action? advanced = null) =>
        Cut.MeasureAll(threads, batch => Measure(network, layers, data, batch, advanced));

    private IReadOnlyList<SampleCurvature> MeasureBatch(
        Network network, IReadOnlyList<PreparedLayer> layers, ILabelledImages data, int batch, Action? advanced)
    {
        using var scope = NewDisposeScope();
        var indices = Cut.PlacesOf(batch);
        using var samples = SampleBatch.Gather(data, indices, layers[0].Device);
        return CurvatureEstimator.Measure(network, layers, samples, StartDirections.Of(Seed, indices, samples.Images.shape).to(samples.Images.device), Iterations, advanced);
    }
}
