using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Sweep events in the JSON form of <see cref="RunEventJson"/>.</summary>
public static class SweepEventJson
{
    /// <summary>One event as one line.</summary>
    public static string Serialize(SweepEvent sweepEvent) => JsonSerializer.Serialize(sweepEvent, RunEventJson.Options);

    /// <summary>The event of a line.</summary>
    /// <exception cref="JsonException">It is none, or of a kind that this release does not know.</exception>
    public static SweepEvent Deserialize(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<SweepEvent>(json, RunEventJson.Options) ?? throw new JsonException("expected an event, got null");
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException) // without its kind, or with half a character
        {
            throw new JsonException("expected an event, got another text", exception);
        }
    }
}
