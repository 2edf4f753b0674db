using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lcnn.Distributed.Networks;

/// <summary>The JSON Schema (draft 2020-12) of network files, for editors: made from <see cref="ElementKind.All"/>.</summary>
public static class NetworkSchema
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    /// <summary>The schema.</summary>
    public static string Text { get; } = Create().ToJsonString(_indented);

    private static JsonObject Create() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "lcnn network",
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = Texts(NetworkReader.NameKey, NetworkReader.LayersKey),
        ["properties"] = new JsonObject
        {
            [NetworkReader.NameKey] = new JsonObject { ["description"] = "What runs and reports call it", ["type"] = "string", ["pattern"] = "^[A-Za-z0-9._-]{1,64}$" },
            [NetworkReader.StyleKey] = new JsonObject { ["description"] = "What layers do that say nothing else", ["enum"] = Texts([.. NetworkStyles.Names]) },
            [NetworkReader.ParametersKey] = new JsonObject
            {
                ["description"] = "Names that sizes may use, and their defaults",
                ["type"] = "object",
                ["propertyNames"] = new JsonObject { ["pattern"] = "^[A-Za-z][A-Za-z0-9]{0,31}$" },
                ["additionalProperties"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
            },
            [NetworkReader.LayersKey] = List(),
        },
        ["$defs"] = new JsonObject { ["layer"] = new JsonObject { ["oneOf"] = new JsonArray([.. ElementKind.All.SelectMany(Forms)]) } },
    };

    private static IEnumerable<JsonNode> Forms(ElementKind kind)
    {
        if (!kind.HasBody && kind.Arguments.All(argument => argument.IsOptional))
        {
            yield return new JsonObject { ["const"] = kind.Name, ["description"] = kind.Description };
        }

        yield return new JsonObject
        {
            ["type"] = "object",
            ["description"] = kind.Description,
            ["additionalProperties"] = false,
            ["required"] = Texts(kind.Name),
            ["properties"] = new JsonObject { [kind.Name] = kind is { HasBody: true, Arguments: [] } ? List() : Content(kind) },
        };
    }

    private static JsonObject Content(ElementKind kind)
    {
        var properties = new JsonObject();
        foreach (var argument in kind.Arguments)
        {
            properties[argument.Name] = Of(argument);
        }

        if (kind.HasBody)
        {
            properties[NetworkReader.LayersKey] = List();
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = Texts([.. kind.Arguments.Where(argument => !argument.IsOptional).Select(argument => argument.Name), .. kind.HasBody ? new[] { NetworkReader.LayersKey } : []]),
            ["properties"] = properties,
        };
    }

    private static JsonObject Of(ElementArgument argument)
    {
        var schema = new JsonObject { ["description"] = argument.Description };
        if (argument.Default is { } value)
        {
            schema["default"] = value;
        }

        switch (argument.Type)
        {
            case ArgumentType.Size:
                schema["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer", ["minimum"] = argument.Minimum, ["maximum"] = argument.Maximum }, new JsonObject { ["type"] = "string" });
                break;
            case ArgumentType.Flag:
                schema["type"] = "boolean";
                break;
            case ArgumentType.Number:
                (schema["type"], schema["minimum"], schema["maximum"]) = ("number", argument.Minimum, argument.Maximum);
                break;
            case ArgumentType.Choice:
                schema["enum"] = Texts([.. argument.Choices]);
                break;
            default:
                schema["type"] = "string";
                break;
        }

        return schema;
    }

    private static JsonObject List() => new() { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["$ref"] = "#/$defs/layer" } };

    private static JsonArray Texts(params string[] texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
