// Makes a stock ResNet-18 low-curvature and trains it: dotnet run [-- DATASET IMAGES EPOCHS]; fashion-mnist is fetched if it is nowhere.
using ExistingModel;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Modules;
using Lcnn.Distributed.Model.Modules.Conversion;
using TorchSharp;
using static TorchSharp.torch;

var (name, count, epochs) = (args.ElementAtOrDefault(0) ?? "digits", int.Parse(args.ElementAtOrDefault(1) ?? "10000"), int.Parse(args.ElementAtOrDefault(2) ?? "5"));
var data = await new DataSetLoader().LoadAsync(name);
var ((images, labels), (testImages, testLabels)) = (Tensors(data.Train.Take(count)), Tensors(data.Test.Take(count)));

random.manual_seed(1);
var model = new ResNet18(data.Train.Channels, data.Train.Classes);
var report = model.ToLowCurvature(new() { ImageShape = [data.Train.Channels, data.Train.Height, data.Train.Width] });
Console.WriteLine($"{report.Swapped.Count} modules swapped, {report.Kept.Count} kept");

var optimizer = optim.SGD(model.parameters(), 0.05, momentum: 0.9);
for (var epoch = 1; epoch <= epochs; epoch++)
{
    model.train();
    foreach (var batch in randperm(labels.shape[0], ScalarType.Int64).split(64))
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var loss = nn.functional.cross_entropy(model.call(images[batch]), labels[batch]);
        (loss + (1e-3 * Penalties.Beta(model)) + (1e-3 * Penalties.Gamma(model))).backward();
        optimizer.step();
    }

    model.eval();
    using var noGrad = no_grad();
    var correct = testImages.split(250).Zip(testLabels.split(250)).Sum(part => model.call(part.First).argmax(1).eq(part.Second).sum().ToInt64());
    Console.WriteLine($"epoch {epoch}: test accuracy {(double)correct / testLabels.shape[0]:P1}");
}

var curvature = MeanCurvature.Of(ModuleCurvature.Measure(model, testImages[..100], testLabels[..100])).Mean;
Console.WriteLine($"mean curvature {curvature.Curvature:0.00}, mean gradient norm {curvature.GradientNorm:0.000}");

static (Tensor Images, Tensor Labels) Tensors(ILabelledImages data)
{
    var pixels = new float[data.Count * data.ImageLength];
    data.Gather(Enumerable.Range(0, data.Count).ToArray(), pixels);
    return (tensor(pixels, [data.Count, data.Channels, data.Height, data.Width]), tensor(data.Labels.ToArray(), ScalarType.Int64));
}
