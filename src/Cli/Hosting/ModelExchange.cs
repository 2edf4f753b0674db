using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Pickle;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Exchange;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Takes in and hands out models in this process.</summary>
internal sealed class ModelExchange : IModelExchange
{
    private const int UsualSide = 32;
    private const string UnknownDataset = "./images"; // named with --dataset wherever it is needed

    public Task<ImportReport> ImportAsync(ImportRequest request, CancellationToken cancellationToken) => RunAsync(() => Import(request), cancellationToken);

    public Task<ExportReport> ExportAsync(ExportRequest request, CancellationToken cancellationToken) => RunAsync(() => Export(request), cancellationToken);

    private static async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            NativeLibrary.Check();
            return await Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception exception) when (exception is CheckpointException or NativeLibraryException or ArgumentException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(exception.Message);
        }
        catch (LibtorchException exception)
        {
            throw new OperationFailedException(exception.Message, exception);
        }
    }

    private static ImportReport Import(ImportRequest request)
    {
        var read = StateDict.Read(request.File);
        var foreign = ForeignNetwork.Recognise(read.Tensors, request.Network, request.File);
        var dataset = request.Dataset ?? GuessDataset(foreign);
        var shape = ShapeOf(request, foreign, dataset);
        var notes = read.Notes.Concat(foreign.Notes).ToList();
        var tensors = ForeignState.Complete(foreign, shape, request.File, notes);
        var spec = Recipes.Default(dataset ?? UnknownDataset, foreign.Description.Name) with
        {
            Network = foreign.IsBuiltIn ? null : foreign.Description.ToJson(),
            NetworkParameters = foreign.Parameters,
            Loss = Recipes.DefaultLoss(foreign.Description),
        };
        if (spec.Validate() is [var problem, ..])
        {
            throw new ArgumentException($"{request.File}: {problem.Field}: {problem.Message}");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(request.Output)!);
        SafeTensorsFile.Write(request.Output, tensors, ModelMetadata.Of(spec, step: 0, new ModelInput(shape.Channels, shape.Height, shape.Width, foreign.Classes, [])));
        return new ImportReport
        {
            Model = request.Output,
            Form = foreign.Form,
            Architecture = foreign.Parameters.Length == 0 ? foreign.Description.Name : $"{foreign.Description.Name} ({foreign.Parameters})",
            Image = $"{shape.Channels}x{shape.Height}x{shape.Width}",
            Classes = foreign.Classes,
            Dataset = dataset,
            WeightsSha256 = WeightsHash.Compute(tensors),
            Notes = notes,
        };
    }

    private static string? GuessDataset(ForeignNetwork foreign) => (foreign.Input, foreign.Classes) switch
    {
        ({ Channels: 3, Height: 0 or UsualSide }, 10) => "cifar10",
        ({ Channels: 3, Height: 0 or UsualSide }, 100) => "cifar100",
        _ => null,
    };

    private static ImageShape ShapeOf(ImportRequest request, ForeignNetwork foreign, string? dataset)
    {
        var named = dataset is null || Names.IsDatasetPath(dataset) ? null : DataSetCatalog.Find(dataset);
        var shape = request.Image is [var channels, var height, var width] ? new ImageShape(channels, height, width)
            : foreign.Input is { Height: > 0 } told ? told
            : named is not null ? new ImageShape(named.Channels, named.Height, named.Width)
            : new ImageShape(foreign.Input.Channels > 0 ? foreign.Input.Channels : 3, UsualSide, UsualSide);
        return foreign.Input.Channels is 0 || foreign.Input.Channels == shape.Channels ? shape
            : throw new ArgumentException($"{request.File}: expected images of {foreign.Input.Channels} channels, as its first convolution has, got {shape}; say --image {foreign.Input.Channels}xHxW");
    }

    private static ExportReport Export(ExportRequest request)
    {
        var model = EvaluatedModel.Read(
            new EvaluationRequest(request.Model, null, null, null, 1, 1) { Architecture = request.Architecture, Dataset = request.Dataset }, Console.Error.WriteLine);
        var spec = model.Spec;
        var input = model.RequiredInput();
        var network = Architectures.Build(
            spec.DescribedNetwork(), Lcnn.Distributed.Networks.NetworkSizes.Parse(spec.NetworkParameters), new ImageShape(input.Channels, input.Height, input.Width), input.Classes,
            Enum.Parse<Model.Layers.SpectralGrid>(spec.SpectralGrid, ignoreCase: true));
        using var threads = new ComputeThreads(1, "export"); // one intra-op thread for all below, as in training
        using var trained = TrainedNetwork.Load(network, model.Tensors, model.Source);
        IReadOnlyList<SafeTensor> tensors = [.. model.Tensors.Values];
        string[] files;
        if (request.Format == "folded")
        {
            var folded = FoldedNetwork.Of(trained, spec.Architecture);
            tensors = folded.Tensors;
            files = [Path.Combine(request.Output, "weights.pt"), Path.Combine(request.Output, "model.py")];
            Write(files[0], stream => TorchWriter.Write(stream, tensors));
            Write(files[1], stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(folded.Program)));
        }
        else
        {
            files = [request.Output];
            Write(request.Output, stream =>
            {
                if (request.Output.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
                {
                    SafeTensorsFile.Write(stream, tensors, ModelMetadata.Of(spec, model.Step ?? 0, input));
                }
                else
                {
                    TorchWriter.Write(stream, tensors);
                }
            });
        }

        return new ExportReport { Model = model.Source, Architecture = spec.Architecture, Files = files, Tensors = tensors.Count };
    }

    // Whole or not at all.
    private static void Write(string path, Action<Stream> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.tmp-{Path.GetRandomFileName()}";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: false);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
