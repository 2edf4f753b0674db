using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The one JSON form of events and reports: camelCase, one line, NaN and infinities as null.</summary>
public static class RunEventJson
{
    // What came after snapshots did is left out at its default: such a spec, and the model's metadata with it, is written byte for byte as before.
    private static readonly HashSet<string> _later =
    [
        nameof(RunSpec.Optimizer), nameof(RunSpec.Nesterov), nameof(RunSpec.Betas), nameof(RunSpec.Epsilon), nameof(RunSpec.ClipGradientNorm),
        nameof(RunSpec.WarmupEpochs), nameof(RunSpec.EmaDecay), nameof(RunSpec.ImageSize), nameof(RunSpec.Grayscale), nameof(RunSpec.Normalize), nameof(RunSpec.Split),
        nameof(RunSpec.SplitSeed), nameof(RunSpec.SkipBad), nameof(RunSpec.Network), nameof(RunSpec.NetworkParameters),
        nameof(RunSpec.Method), nameof(RunSpec.Attack), nameof(RunSpec.AttackRadius), nameof(RunSpec.AttackSteps), nameof(RunSpec.AttackStepSize),
        nameof(RunSpec.EvalAttacks), nameof(RunSpec.EvalNorm), nameof(RunSpec.EvalEpsilons), nameof(RunSpec.EvalSteps), nameof(RunSpec.EvalRestarts),
        nameof(RunSpec.EvalSamples), nameof(RunSpec.EvalAttackSamples), nameof(RunSpec.Certify), nameof(RunSpec.EvalNoise), nameof(RunSpec.EvalOnly),
    ];

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
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Converters = { new FiniteDoubleConverter() },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutDefaults } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutDefaults(JsonTypeInfo type)
    {
        if (type.Type != typeof(RunSpec))
        {
            return;
        }

        var defaults = new RunSpec();
        foreach (var property in type.Properties.Where(property => property.AttributeProvider is PropertyInfo { Name: var name } && _later.Contains(name)))
        {
            var unsaid = property.Get!(defaults);
            property.ShouldSerialize = (_, value) => !Equals(value, unsaid);
        }
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
