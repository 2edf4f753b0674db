using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>What a custom resource may hold, by its definition's structural schema; fields that it does not know are problems, which an API server would drop.</summary>
internal sealed class CustomResourceSchema
{
    private readonly JsonNode _schema;

    private CustomResourceSchema(JsonNode schema) => _schema = schema;

    /// <summary>The schema of a kind, from <c>Schemas/</c>.</summary>
    public static CustomResourceSchema Of(Manifest manifest)
    {
        var file = JsonNode.Parse(File.ReadAllText(Repository.PathOf("tests", "UnitTests", "Kubernetes", "Schemas", $"{manifest.Kind}.json")))!;
        Assert.Equal(file["apiVersion"]!.GetValue<string>(), manifest.ApiVersion);
        return new CustomResourceSchema(file["schema"]!);
    }

    /// <summary>Every problem, by its path.</summary>
    public IReadOnlyList<string> Check(JsonNode value) => [.. Check(value, _schema, path: "", isRoot: true)];

    private static IEnumerable<string> Check(JsonNode? value, JsonNode schema, string path, bool isRoot = false)
    {
        if (!IsOfType(value, schema))
        {
            return [$"{path}: expected {schema["type"]}, got {value?.ToJsonString() ?? "null"}"];
        }

        return value switch
        {
            JsonObject fields => CheckFields(fields, schema, path, isRoot),
            JsonArray items when schema["items"] is { } item => items.SelectMany((entry, i) => Check(entry, item, $"{path}[{i}]")),
            _ => CheckValue(value, schema, path),
        };
    }

    private static IEnumerable<string> CheckFields(JsonObject fields, JsonNode schema, string path, bool isRoot)
    {
        var missing = (schema["required"] as JsonArray ?? []).Select(name => name!.GetValue<string>()).Where(name => !fields.ContainsKey(name)).Select(name => $"{path}.{name}: missing");
        return missing.Concat(fields.SelectMany(field => (isRoot && field.Key == "metadata") || schema["x-kubernetes-preserve-unknown-fields"] is not null ? []
            : schema["properties"]?[field.Key] is { } known ? Check(field.Value, known, $"{path}.{field.Key}")
            : schema["additionalProperties"] is JsonObject other ? Check(field.Value, other, $"{path}.{field.Key}")
            : [$"{path}.{field.Key}: unknown field"]));
    }

    private static IEnumerable<string> CheckValue(JsonNode? value, JsonNode schema, string path)
    {
        if (schema["enum"] is JsonArray known && !known.Any(one => JsonNode.DeepEquals(one, value)))
        {
            yield return $"{path}: expected one of {known.ToJsonString()}, got {value?.ToJsonString()}";
        }

        if (schema["pattern"]?.GetValue<string>() is { } pattern && value?.GetValueKind() == JsonValueKind.String && !Regex.IsMatch(value.GetValue<string>(), pattern))
        {
            yield return $"{path}: '{value}' is not {pattern}";
        }
    }

    private static bool IsOfType(JsonNode? value, JsonNode schema) =>
        (schema["x-kubernetes-int-or-string"]?.GetValue<bool>() == true && value?.GetValueKind() is JsonValueKind.String or JsonValueKind.Number)
        || schema["type"]?.GetValue<string>() switch
        {
            null => true,
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "string" => value?.GetValueKind() == JsonValueKind.String,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "integer" => value is JsonValue whole && whole.TryGetValue<long>(out _),
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            var other => throw new NotSupportedException(other),
        };
}
