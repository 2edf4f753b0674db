using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What a snapshot's <c>state.json</c> says of its run.</summary>
public static class SnapshotEntries
{
    private const string Spec = "spec";

    /// <summary>Adds the spec.</summary>
    public static void Write(JsonObject run, RunSpec spec) => run[Spec] = JsonSerializer.SerializeToNode(spec, RunEventJson.Options);

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
