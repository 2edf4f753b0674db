using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The images that a model takes, and what its outputs mean.</summary>
/// <param name="Channels">1 grey, 3 red, green and blue.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Classes">Outputs.</param>
/// <param name="ClassNames">By output; empty where nobody says.</param>
public sealed record ModelInput(int Channels, int Height, int Width, int Classes, IReadOnlyList<string> ClassNames)
{
    /// <summary>Means and deviations of a packed set, as --normalize has them; null where the spec says it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Normalize { get; init; }

    /// <summary>Whether the images of a packed set were resized and cropped; false where the spec says it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsResized { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, RunEventJson.Options);

    // Null for what is none: it comes out of a file.
    internal static ModelInput? Parse(string? json)
    {
        try
        {
            return json is not null && JsonSerializer.Deserialize<ModelInput>(json, RunEventJson.Options) is { Channels: > 0, Height: > 0, Width: > 0, Classes: > 0, ClassNames: not null } input ? input : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException) // the latter of half a character
        {
            return null;
        }
    }
}
