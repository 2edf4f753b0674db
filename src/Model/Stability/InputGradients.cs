using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Stability;

/// <summary>Saliency maps: how strongly each pixel of an image moves the cross-entropy of its label.</summary>
public static class InputGradients
{
    /// <summary>The maps of some samples.</summary>
    /// <param name="places">Of the samples in the data set.</param>
    /// <returns>For each sample the class that the network gives it and H x W sizes, row by row: the largest of its channels' |gradient|.</returns>
    public static IReadOnlyList<(int Class, double[] Sizes_HW)> Of(TrainedNetwork trained, ILabelledImages data, IReadOnlyList<int> places)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(data);
        return LibtorchException.In("the saliency maps", () =>
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            using var samples = SampleBatch.Gather(data, [.. places], trained.Layers[0].Device);
            using var classifier = new NetworkClassifier(trained.Network, trained.Layers);
            var slope = classifier.Differentiate(samples.Images, AttackLosses.CrossEntropy(samples.Labels));
            var classes = slope.Logits.argmax(1).to(ScalarType.Float64).ReadDoubles();
            var sizes = slope.Gradient.abs().amax([1L]).flatten(1).to(ScalarType.Float64).ReadDoubles();
            return (IReadOnlyList<(int, double[])>)[.. classes.Zip(sizes.Chunk(data.Height * data.Width), (one, map) => ((int)one, map))];
        });
    }
}
