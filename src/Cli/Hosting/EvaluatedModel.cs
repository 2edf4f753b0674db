using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>What is evaluated: the tensors of exactly what was given, and what they are a model of.</summary>
/// <param name="Source">Path of the snapshot's folder or of the model file.</param>
/// <param name="Step">Steps done; null when it cannot be told.</param>
/// <param name="Spec">Network and data set.</param>
/// <param name="WeightsSha256">Hash of the tensors.</param>
/// <param name="Tensors">The weights and buffers, by the reference's keys.</param>
internal sealed record EvaluatedModel(
    string Source, long? Step, RunSpec Spec, string WeightsSha256, IReadOnlyDictionary<string, SafeTensor> Tensors)
{
    private ModelInput? Input { get; init; }

    /// <summary>Reads a snapshot, the newest one of a run, or a model file.</summary>
    /// <exception cref="CheckpointException">It is damaged.</exception>
    /// <exception cref="BadInputException">It does not say what it is a model of, and nobody else does.</exception>
    public static EvaluatedModel Read(EvaluationRequest request, Action<string> warn)
    {
        if (File.Exists(request.Snapshot))
        {
            var file = ModelFile.Read(request.Snapshot);
            var metadata = file.Content.Metadata;
            var origin = file.Snapshot;
            var known = origin is not null ? SnapshotEntries.ReadSpec(origin.Run) : ModelMetadata.ReadSpec(metadata);
            return new EvaluatedModel(
                request.Snapshot, file.Snapshot?.Step ?? ModelMetadata.ReadStep(metadata), SpecOf(request, known, request.Snapshot), file.WeightsSha256, file.Content.Tensors)
            {
                Input = (origin is null ? null : SnapshotEntries.ReadInput(origin.Run)) ?? ModelMetadata.ReadInput(metadata),
            };
        }

        var snapshot = SnapshotStore.FindNewest(request.Snapshot, warn);
        return new EvaluatedModel(
            snapshot.Folder, snapshot.Step, SpecOf(request, SnapshotEntries.ReadSpec(snapshot.Run), snapshot.Folder), snapshot.WeightsSha256, snapshot.Model)
        {
            Input = SnapshotEntries.ReadInput(snapshot.Run),
        };
    }

    /// <summary>The images it takes; models of earlier releases do not say it, but what they were trained on may be known by name.</summary>
    /// <exception cref="BadInputException">Nobody says it.</exception>
    public ModelInput RequiredInput()
    {
        if (Input is not null)
        {
            return Input;
        }

        if (Names.IsDatasetPath(Spec.Dataset))
        {
            throw new BadInputException($"{Source} does not say which images it takes; train it, or go on with its run (--resume), under this release");
        }

        var data = DataSetCatalog.Find(Spec.Dataset);
        return new ModelInput(data.Channels, data.Height, data.Width, data.Classes, []);
    }

    private static RunSpec SpecOf(EvaluationRequest request, RunSpec? known, string source)
    {
        var own = request.Architecture is null || request.Architecture == known?.Architecture ? known?.Network : null;
        var architecture = own is not null ? known!.Architecture : Known(request.Architecture ?? known?.Architecture, Names.Architectures, "--arch", "network", source);
        var dataset = Known(request.Dataset ?? known?.Dataset, Names.Datasets, "--dataset", "data set", source, Names.IsDatasetPath);
        var spec = known ?? Recipes.Default(dataset, architecture);
        return WithImages(request, spec with { Architecture = architecture, Network = own, Dataset = dataset, DataDirectory = dataset == spec.Dataset ? spec.DataDirectory : null });
    }

    // A data set that is built in is taken as it is, whatever the model was trained on.
    private static RunSpec WithImages(EvaluationRequest request, RunSpec spec)
    {
        var fresh = new RunSpec();
        spec = request.Images.Apply(Names.IsDatasetPath(spec.Dataset) ? spec : spec with
        {
            ImageSize = fresh.ImageSize,
            Grayscale = fresh.Grayscale,
            Normalize = fresh.Normalize,
            Split = fresh.Split,
            SplitSeed = fresh.SplitSeed,
            SkipBad = fresh.SkipBad,
        });
        return spec.Validate() is [var problem, ..] ? throw new BadInputException($"{problem.Field}: {problem.Message}") : spec;
    }

    private static string Known(string? name, IReadOnlyList<string> names, string option, string what, string source, Func<string, bool>? takesBeside = null) =>
        string.IsNullOrEmpty(name)
            ? throw new BadInputException(
                $"{source} does not say of which {what} it is: it has no __metadata__ of 'lcnn train', and no snapshot beside it has the same bytes; "
                + $"say it with --arch and --dataset, or give the folder of its snapshot")
            : names.Contains(name) || takesBeside?.Invoke(name) == true ? name
            : throw new BadInputException($"{source}: expected a {what} out of {string.Join(", ", names)}, got '{name}'; say which with {option}");
}
