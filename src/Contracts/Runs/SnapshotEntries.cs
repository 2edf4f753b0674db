using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What a snapshot's <c>state.json</c> says of its run.</summary>
public static class SnapshotEntries
{
    private const string Spec = "spec";
    private const string Data = "dataSha256";
    private const string Input = "input";

    /// <summary>Adds the spec, the hash of the data trained on, and the images that the model takes.</summary>
    public static void Write(JsonObject run, RunSpec spec, string dataSha256, ModelInput input)
    {
        run[Input] = JsonSerializer.SerializeToNode(input, RunEventJson.Options);
        run[Spec] = JsonSerializer.SerializeToNode(spec, RunEventJson.Options);
        run[Data] = dataSha256;
    }

    /// <summary>Hash of the data trained on; null when it cannot be told.</summary>
    public static string? ReadDataSha256(JsonObject run) => run[Data] is JsonValue value && value.TryGetValue(out string? hash) ? hash : null;

    /// <summary>The images that the model takes; null when it cannot be told, as by snapshots of earlier releases.</summary>
    public static ModelInput? ReadInput(JsonObject run) => ModelInput.Parse(run[Input]?.ToJsonString());

    /// <summary>The spec the snapshot was made under; null when it cannot be told.</summary>
    public static RunSpec? ReadSpec(JsonObject run)
    {
        try
        {
            return run[Spec]?.Deserialize<RunSpec>(RunEventJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
