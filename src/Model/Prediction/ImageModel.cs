using System.Globalization;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Own;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Model.Prediction;

/// <summary>A model that a run has trained, ready to be asked about images; they are made into what it was trained on. <c>lcnn predict</c> is this.</summary>
/// <remarks>One caller at a time. It computes on threads of its own, so that the settings of the caller's stay as they are.</remarks>
public sealed class ImageModel : IDisposable
{
    private readonly StoredModel _stored;
    private readonly ImageModelOptions _options;
    private readonly TrainedNetwork _trained;

    private ImageModel(StoredModel stored, ImageModelOptions options, TrainedNetwork trained) => (_stored, _options, _trained) = (stored, options, trained);

    /// <summary>Channels of the images it takes: 1 grey, 3 red, green and blue.</summary>
    public int Channels => _stored.Input.Channels;

    /// <summary>Rows of the images.</summary>
    public int Height => _stored.Input.Height;

    /// <summary>Columns of the images.</summary>
    public int Width => _stored.Input.Width;

    /// <summary>Names of the classes, by output; empty where nobody gave any.</summary>
    public IReadOnlyList<string> ClassNames => _stored.Input.ClassNames;

    /// <summary>Reads a model.</summary>
    /// <param name="path">Folder of a run or of a snapshot, or a model.safetensors file.</param>
    /// <param name="options">Where and how it computes; all processors if null.</param>
    /// <exception cref="CheckpointException">It is damaged, of another network than it says, or does not say what it is.</exception>
    /// <exception cref="ArgumentException">Its network cannot be built here, as one with an operation that is not among the options; or there is no such device.</exception>
    /// <exception cref="NativeLibraryException">libtorch does not load; the message says why.</exception>
    public static ImageModel Load(string path, ImageModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new ImageModelOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Threads, $"{nameof(options)}.{nameof(options.Threads)}");
        NativeLibrary.Check();
        var device = ComputeDevice.Find(options.Device);
        var stored = StoredModel.Read(path, options.Warn ?? (static _ => { }));
        var input = stored.Input;
        var network = Architectures.Build(stored.Network, stored.NetworkSizes, new ImageShape(input.Channels, input.Height, input.Width), input.Classes, stored.Grid, options.Operations);
        return OnThreads(options, _ => new ImageModel(stored, options, TrainedNetwork.Load(network, stored.Tensors, stored.Source, device)));
    }

    /// <summary>What it says of images.</summary>
    /// <param name="paths">Images (PNG, JPEG, BMP), and folders with images.</param>
    /// <exception cref="DataFileException">A folder cannot be read, or there are too many images at once.</exception>
    /// <exception cref="LibtorchException">libtorch could not.</exception>
    public ImagePredictions Predict(params IReadOnlyList<string> paths) => Predict(paths, withCurvature: false);

    /// <summary>What it says of images, and how steep and curved it is around each.</summary>
    /// <param name="paths">Images (PNG, JPEG, BMP), and folders with images.</param>
    /// <param name="withCurvature">Whether gradient norm and curvature are measured, of the loss of the class that is predicted; some thirty passes an image.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DataFileException">A folder cannot be read, or there are too many images at once.</exception>
    /// <exception cref="LibtorchException">libtorch could not.</exception>
    public ImagePredictions Predict(IReadOnlyList<string> paths, bool withCurvature, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var read = LooseImages.Read(paths, (Channels, Height, Width), _stored.Input.Classes, _stored.Resizes, _stored.Normalization, cancellationToken);
        var images = read.Images is null ? [] : OnThreads(_options, threads => Predict(read.Images, read.Names, withCurvature, threads, cancellationToken));
        return new ImagePredictions(images, [.. read.Bad.Select(bad => new RefusedImage(bad.Name, bad.Problem))]);
    }

    /// <inheritdoc/>
    public void Dispose() => _trained.Dispose();

    private ImagePrediction[] Predict(ImageData images, IReadOnlyList<string> names, bool withCurvature, ComputeThreads threads, CancellationToken cancellationToken)
    {
        var predictions = Evaluator.Predict(_trained.Network, _trained.Layers, images, threads, cancellationToken.ThrowIfCancellationRequested);
        var curvatures = !withCurvature ? null : new CurvatureMeasurement(images.Count, _stored.CurvatureIterations, _stored.Seed).MeasureAll(
            _trained.Network, _trained.Layers, images.WithLabels([.. predictions.Select(prediction => prediction.Output)]), threads, cancellationToken.ThrowIfCancellationRequested);
        return
        [
            .. predictions.Select((prediction, i) => new ImagePrediction(names[i], NameOf(prediction.Output), prediction.Output, prediction.Probability)
            {
                GradientNorm = curvatures?[i].GradientNorm ?? double.NaN,
                Curvature = curvatures?[i].Curvature ?? double.NaN,
            }),
        ];
    }

    private string NameOf(int output) => output < ClassNames.Count ? ClassNames[output] : output.ToString(CultureInfo.InvariantCulture);

    // One intra-op thread on each, as in training; a thread that was claimed for that stays so.
    private static T OnThreads<T>(ImageModelOptions options, Func<ComputeThreads, T> work) => Task.Factory.StartNew(
        () =>
        {
            using var threads = new ComputeThreads(options.Threads, "predict");
            return work(threads);
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).GetAwaiter().GetResult();
}
