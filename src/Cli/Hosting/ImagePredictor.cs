using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Own;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Asks a model about images in this process: they are made into what it was trained on.</summary>
internal sealed class ImagePredictor : IPredictor
{
    public Task<PredictionReport> PredictAsync(PredictionRequest request, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => Predict(request, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static PredictionReport Predict(PredictionRequest request, CancellationToken cancellationToken)
    {
        try
        {
            NativeLibrary.Check();
            var model = EvaluatedModel.Read(new EvaluationRequest(request.Model, null, null, null, 1, request.Threads), Console.Error.WriteLine);
            var (input, options) = (InputOf(model), DataSetRequests.Of(model.Spec).Images);
            var images = LooseImages.Read(
                request.Images, (input.Channels, input.Height, input.Width), input.Classes, resizes: options.Size is not null, options.Normalization, cancellationToken);
            return new PredictionReport(images.Images is { } usable ? Predict(request, model, input, usable, images.Names, cancellationToken) : [], [.. images.Bad.Select(bad => new RefusedImage(bad.Name, bad.Problem))]);
        }
        catch (Exception exception) when (exception is CheckpointException or DataFileException or NativeLibraryException or ArgumentException)
        {
            throw new BadInputException(exception.Message);
        }
        catch (LibtorchException exception)
        {
            throw new OperationFailedException(exception.Message, exception);
        }
    }

    private static IReadOnlyList<PredictedImage> Predict(
        PredictionRequest request, EvaluatedModel model, ModelInput input, ImageData images, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var spec = model.Spec;
        var network = Architectures.Build(spec.DescribedNetwork(), spec.NetworkParameters, images, spec.SpectralGrid);
        using var threads = new ComputeThreads(request.Threads, "predict"); // first: one intra-op thread for all below, as in training
        using var trained = TrainedNetwork.Load(network, model.Tensors, model.Source, DeviceArgument.Find(request.Device));
        var predictions = Evaluator.Predict(network, trained.Layers, images, threads, cancellationToken.ThrowIfCancellationRequested);
        var curvatures = !request.WithCurvature ? null : new CurvatureMeasurement(images.Count, spec.CurvatureIterations, spec.Seed).MeasureAll(
            network, trained.Layers, images.WithLabels([.. predictions.Select(prediction => prediction.Output)]), threads, cancellationToken.ThrowIfCancellationRequested);
        return
        [
            .. predictions.Select((prediction, i) => new PredictedImage
            {
                Image = names[i],
                Class = input.NameOf(prediction.Output),
                Output = prediction.Output,
                Probability = prediction.Probability,
                GradNorm = curvatures?[i].GradientNorm ?? double.NaN,
                Curvature = curvatures?[i].Curvature ?? double.NaN,
            }),
        ];
    }

    // Models of earlier releases do not say it; what they were trained on may be known by name.
    private static ModelInput InputOf(EvaluatedModel model)
    {
        if (model.Input is { } input)
        {
            return input;
        }

        if (Names.IsDatasetPath(model.Spec.Dataset))
        {
            throw new BadInputException($"{model.Source} does not say which images it takes; train it, or go on with its run (--resume), under this release");
        }

        var data = DataSetCatalog.Find(model.Spec.Dataset);
        return new ModelInput(data.Channels, data.Height, data.Width, data.Classes, []);
    }
}
