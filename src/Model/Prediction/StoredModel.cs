using System.Text.Json;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Own;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Prediction;

/// <summary>A model's tensors, and what its metadata or its snapshot says of it: the network, the images it takes, and how they were made.</summary>
/// <param name="Source">Path of the snapshot's folder or of the file.</param>
/// <param name="Tensors">Weights and buffers, by the reference's keys.</param>
/// <param name="Network">Its network.</param>
/// <param name="NetworkSizes">Values of the network's parameters.</param>
/// <param name="Input">The images.</param>
internal sealed record StoredModel(
    string Source, IReadOnlyDictionary<string, SafeTensor> Tensors, NetworkDescription Network, IReadOnlyDictionary<string, long> NetworkSizes, StoredInput Input)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    public SpectralGrid Grid { get; private init; }

    /// <summary>Whether images of other sizes are resized and cropped.</summary>
    public bool Resizes { get; private init; }

    public PixelNormalization? Normalization { get; private init; }

    public int CurvatureIterations { get; private init; }

    public long Seed { get; private init; }

    /// <summary>Reads a snapshot, the newest one of a run, or a model file.</summary>
    /// <exception cref="CheckpointException">It is damaged, or does not say what it is.</exception>
    /// <exception cref="ArgumentException">What it says of its network is none.</exception>
    public static StoredModel Read(string path, Action<string> warn)
    {
        if (!File.Exists(path))
        {
            var snapshot = SnapshotStore.FindNewest(path, warn);
            return Of(snapshot.Folder, snapshot.Model, snapshot.Run["spec"]?.ToJsonString(), snapshot.Run["input"]?.ToJsonString());
        }

        var file = ModelFile.Read(path);
        var metadata = file.Content.Metadata;
        return file.Snapshot is { } origin
            ? Of(path, file.Content.Tensors, origin.Run["spec"]?.ToJsonString(), origin.Run["input"]?.ToJsonString() ?? metadata.GetValueOrDefault("input"))
            : Of(path, file.Content.Tensors, metadata.GetValueOrDefault("spec"), metadata.GetValueOrDefault("input"));
    }

    private static StoredModel Of(string source, IReadOnlyDictionary<string, SafeTensor> tensors, string? specJson, string? inputJson)
    {
        if (Parse<StoredSpec>(specJson) is not { Architecture: { } name } spec)
        {
            throw new CheckpointException(
                source, "it does not say of which network it is", "what it was trained under in its __metadata__, or a snapshot beside it with the same bytes", "neither",
                "Give the folder of its snapshot, or a model.safetensors that a run wrote");
        }

        var network = spec.Network is { } own ? NetworkDescription.Parse(own)
            : NetworkCatalog.Find(name) ?? throw new ArgumentException($"{source}: {Spelling.Unknown("architecture", name, NetworkCatalog.Names)}");
        var input = InputOf(source, Parse<StoredInput>(inputJson), spec.Dataset ?? "");
        return new StoredModel(source, tensors, network, Sizes(spec.NetworkParameters), input)
        {
            Grid = Enum.TryParse<SpectralGrid>(spec.SpectralGrid, ignoreCase: true, out var grid) ? grid : SpectralGrid.Reference,
            Resizes = spec.ImageSize is not null || input.IsResized,
            Normalization = (spec.Normalize ?? input.Normalize) is { } text ? NormalizationOf(source, text) : null,
            CurvatureIterations = Math.Max(1, spec.CurvatureIterations),
            Seed = spec.Seed,
        };
    }

    private static PixelNormalization NormalizationOf(string source, string text) => ImageTexts.ParseNormalization(text) is var (means, deviations)
        ? new PixelNormalization(means, deviations)
        : throw new CheckpointException(source, "it does not say how its images are normalised", "means and deviations such as 0.5/0.25", $"'{text}'", "Train it again");

    private static IReadOnlyDictionary<string, long> Sizes(string text)
    {
        try
        {
            return Lcnn.Distributed.Networks.NetworkSizes.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new ArgumentException(exception.Message, exception);
        }
    }

    // Models of earlier releases do not say it; what they were trained on may be known by name.
    private static StoredInput InputOf(string source, StoredInput? input, string dataset)
    {
        if (input is { Channels: > 0, Height: > 0, Width: > 0, Classes: > 0, ClassNames: not null })
        {
            return input;
        }

        if (!DataSetCatalog.Names.Contains(dataset))
        {
            throw new CheckpointException(source, "it does not say which images it takes", "their shape and classes", "none", "Train it, or go on with its run (--resume), under this release");
        }

        var data = DataSetCatalog.Find(dataset);
        return new StoredInput(data.Channels, data.Height, data.Width, data.Classes, []);
    }

    private static T? Parse<T>(string? json)
        where T : class
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<T>(json, _json);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException) // the latter of half a character
        {
            return null;
        }
    }

    // The fields of a run that decide what its model makes of an image, with the run's defaults.
    internal sealed record StoredSpec
    {
        public string? Dataset { get; init; }

        public string? Architecture { get; init; }

        public string? Network { get; init; }

        public string NetworkParameters { get; init; } = "";

        public string SpectralGrid { get; init; } = "reference";

        public string? ImageSize { get; init; }

        public string? Normalize { get; init; }

        public int CurvatureIterations { get; init; } = 10;

        public long Seed { get; init; } = 1729;
    }
}

/// <summary>The images that a model takes, and what its outputs mean.</summary>
internal sealed record StoredInput(int Channels, int Height, int Width, int Classes, IReadOnlyList<string> ClassNames)
{
    /// <summary>Means and deviations of a packed set; null where the spec says it.</summary>
    public string? Normalize { get; init; }

    /// <summary>Whether the images of a packed set were resized and cropped; false where the spec says it.</summary>
    public bool IsResized { get; init; }
}
