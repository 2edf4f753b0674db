using System.Globalization;
using System.Text.Json;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What a model's safetensors file says of itself under <c>__metadata__</c>: it is of use without the folder it came from.</summary>
public static class ModelMetadata
{
    private const string Format = "format";
    private const string Step = "step";
    private const string Architecture = "architecture";
    private const string Spec = "spec";
    private const string Input = "input";

    /// <summary>The entries of a model; <c>format</c> is how its readers in Python know whose tensors these are.</summary>
    /// <param name="spec">What it was trained under.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="input">The images it takes.</param>
    public static IReadOnlyDictionary<string, string> Of(RunSpec spec, long step, ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(input);
        return new Dictionary<string, string>
        {
            [Format] = "pt",
            [Step] = step.ToString(CultureInfo.InvariantCulture),
            [Architecture] = spec.Architecture,
            [Spec] = JsonSerializer.Serialize(Portable(spec), RunEventJson.Options),
            [Input] = input.ToJson(),
        };
    }

    // The file's bytes tell nothing of who computed them or where: the same for any number of workers, and fit to be passed on.
    private static RunSpec Portable(RunSpec spec)
    {
        var any = new RunSpec();
        return spec with
        {
            Dataset = Names.IsDatasetPath(spec.Dataset) ? $"./{Names.DatasetTitle(spec.Dataset)}" : spec.Dataset,
            DataDirectory = any.DataDirectory,
            OutputDirectory = any.OutputDirectory,
            ResumeFrom = any.ResumeFrom,
            Workers = 1,
            ThreadsPerWorker = any.ThreadsPerWorker,
            Transport = any.Transport,
            BucketMegabytes = any.BucketMegabytes,
            SnapshotEvery = any.SnapshotEvery,
            KeepSnapshots = any.KeepSnapshots,
            PauseAfterEpoch = any.PauseAfterEpoch,
        };
    }

    /// <summary>Steps done; null when it cannot be told.</summary>
    public static long? ReadStep(IReadOnlyDictionary<string, string> metadata) =>
        long.TryParse(Entry(metadata, Step), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;

    /// <summary>Name of the network; null when it cannot be told.</summary>
    public static string? ReadArchitecture(IReadOnlyDictionary<string, string> metadata) => Entry(metadata, Architecture);

    /// <summary>The spec the model was trained under, without its places and workers; null when it cannot be told.</summary>
    public static RunSpec? ReadSpec(IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return Entry(metadata, Spec) is { } json && JsonSerializer.Deserialize<RunSpec>(json, RunEventJson.Options) is { } spec && spec.Validate(KnownNames.OfAnyCluster) is []
                ? spec
                : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException) // the latter of half a character
        {
            return null;
        }
    }

    /// <summary>The images it takes; null when it cannot be told, as by models of earlier releases.</summary>
    public static ModelInput? ReadInput(IReadOnlyDictionary<string, string> metadata) => ModelInput.Parse(Entry(metadata, Input));

    private static string? Entry(IReadOnlyDictionary<string, string> metadata, string key)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return metadata.GetValueOrDefault(key);
    }
}
