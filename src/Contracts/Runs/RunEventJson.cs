using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The one JSON form of events and reports: camelCase, one line, NaN and infinities as null.</summary>
public static class RunEventJson
{
    /// <summary>The serializer settings of every event and report.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>One event as one line.</summary>
    public static string Serialize(RunEvent runEvent) => JsonSerializer.Serialize(runEvent, Options);

    /// <summary>The event of a line.</summary>
    /// <exception cref="JsonException">It is none, or of a kind that this release does not know.</exception>
    public static RunEvent Deserialize(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(json, Options) ?? throw new JsonException("expected an event, got null");
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException) // without its kind, or with half a character
        {
            throw new JsonException("expected an event, got another text", exception);
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new FiniteDoubleConverter() } };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class FiniteDoubleConverter : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
