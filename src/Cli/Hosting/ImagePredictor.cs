using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Prediction;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Asks a model about images in this process.</summary>
internal sealed class ImagePredictor : IPredictor
{
    public Task<PredictionReport> PredictAsync(PredictionRequest request, CancellationToken cancellationToken) => Task.Run(() => Predict(request, cancellationToken), cancellationToken);

    private static PredictionReport Predict(PredictionRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var options = new ImageModelOptions { Threads = request.Threads, Device = DeviceArgument.Find(request.Device).Name, Warn = Console.Error.WriteLine };
            using var model = ImageModel.Load(request.Model, options);
            var said = model.Predict(request.Images, request.WithCurvature, cancellationToken);
            return new PredictionReport(
                [
                    .. said.Images.Select(image => new PredictedImage
                    {
                        Image = image.Path, Class = image.Class, Output = image.Output, Probability = image.Probability, GradNorm = image.GradientNorm, Curvature = image.Curvature,
                    }),
                ],
                [.. said.Refused.Select(bad => new Services.RefusedImage(bad.Path, bad.Problem))]);
        }
        catch (Exception exception) when (ModelErrors.Of(exception, "lower --threads, or take fewer images at once") is { } said)
        {
            throw said;
        }
    }
}
