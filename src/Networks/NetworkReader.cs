using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.Networks;

/// <summary>Reads a network's description from JSON: what a run carries, and what a YAML file says.</summary>
public sealed partial class NetworkReader
{
    internal const string NameKey = "name";
    internal const string StyleKey = "style";
    internal const string ParametersKey = "parameters";
    internal const string LayersKey = "layers";

    /// <summary>The name for the number of classes in sizes.</summary>
    public const string Classes = "classes";

    private const int MaxDepth = 16;
    private const int MaxElements = 10_000;
    private const long MaxParameter = 1_000_000;

    private static readonly string[] _keys = [NameKey, StyleKey, ParametersKey, LayersKey];

    private readonly List<NetworkProblem> _problems = [];
    private readonly ElementKinds _kinds;
    private int _elements;

    private NetworkReader(ElementKinds kinds) => _kinds = kinds;

    /// <summary>The description; null when there are problems, each with its path, such as "layers[2].conv.kernel".</summary>
    /// <param name="json">A mapping.</param>
    /// <param name="kinds">What its entries may be; the built-in kinds if null.</param>
    public static (NetworkDescription? Description, IReadOnlyList<NetworkProblem> Problems) Read(string json, ElementKinds? kinds = null)
    {
        var reader = new NetworkReader(kinds ?? ElementKinds.BuiltIn);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 128 });
            var description = reader.Read(document.RootElement);
            return (reader._problems.Count == 0 ? description : null, reader._problems);
        }
        catch (JsonException exception)
        {
            return (null, [new NetworkProblem("", $"not valid JSON: {exception.Message}")]);
        }
        catch (InvalidOperationException) // half a character in a text
        {
            return (null, [new NetworkProblem("", "not valid JSON: a text that is no Unicode")]);
        }
    }

    private NetworkDescription? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            Add("", $"expected a mapping such as {{name: mine, layers: [...]}}, got {Described(root)}");
            return null;
        }

        foreach (var entry in root.EnumerateObject().Where(entry => !_keys.Contains(entry.Name)))
        {
            Add(entry.Name, Spelling.Unknown("key", entry.Name, _keys));
        }

        var name = ReadName(root);
        var style = root.TryGetProperty(StyleKey, out var given) ? ReadOneOf(given, StyleKey, NetworkStyles.Names) : NetworkStyles.LowCurvature;
        var parameters = ReadParameters(root);
        if (!root.TryGetProperty(LayersKey, out var layers))
        {
            Add("", "expected 'layers', a list such as [{conv: {channels: 16}}, activation, globalAveragePool, {linear: {features: classes}}]");
            return null;
        }

        var elements = ReadElements(layers, LayersKey, 0);
        return new NetworkDescription(name, style ?? "", parameters, elements);
    }

    private string ReadName(JsonElement root)
    {
        if (root.TryGetProperty(NameKey, out var name) && name.ValueKind == JsonValueKind.String && NamePattern().IsMatch(name.GetString()!))
        {
            return name.GetString()!;
        }

        Add(NameKey, $"expected a name of 1 to 64 letters, digits, '-', '_' and '.', got {(name.ValueKind == JsonValueKind.Undefined ? "none" : Described(name))}");
        return "";
    }

    private Dictionary<string, long> ReadParameters(JsonElement root)
    {
        var parameters = new Dictionary<string, long>();
        if (!root.TryGetProperty(ParametersKey, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return parameters;
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            Add(ParametersKey, $"expected a mapping such as {{width: 16}}, got {Described(given)}");
            return parameters;
        }

        foreach (var (name, value) in given.EnumerateObject().Select(entry => (entry.Name, entry.Value)))
        {
            var path = $"{ParametersKey}.{name}";
            if (!ParameterPattern().IsMatch(name) || name == Classes)
            {
                Add(path, $"expected a name of letters and digits that begins with a letter, and not '{Classes}', got '{name}'");
            }
            else if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number is < 0 or > MaxParameter)
            {
                Add(path, $"expected a whole number from 0 to {MaxParameter}, got {Described(value)}");
            }
            else if (!parameters.TryAdd(name, number))
            {
                Add(path, "given twice; leave out one of them");
            }
        }

        return parameters;
    }

    private List<NetworkElement> ReadElements(JsonElement list, string path, int depth)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            Add(path, $"expected a list of layers such as [{{conv: {{channels: 16}}}}, activation], got {(list.ValueKind == JsonValueKind.Array ? "an empty one" : Described(list))}");
            return [];
        }

        if (depth > MaxDepth)
        {
            Add(path, $"expected at most {MaxDepth} lists in one another, got more");
            return [];
        }

        var elements = new List<NetworkElement>();
        foreach (var (item, index) in list.EnumerateArray().Select((item, index) => (item, index)))
        {
            if (++_elements > MaxElements)
            {
                Add(path, $"expected at most {MaxElements} entries, got more");
                break;
            }

            if (ReadElement(item, $"{path}[{index}]", depth) is { } element)
            {
                elements.Add(element);
            }
        }

        return elements;
    }

    private NetworkElement? ReadElement(JsonElement item, string path, int depth)
    {
        var (name, content) = item.ValueKind switch
        {
            JsonValueKind.String => (item.GetString()!, default),
            JsonValueKind.Object when item.EnumerateObject().Count() == 1 => (item.EnumerateObject().Single().Name, item.EnumerateObject().Single().Value),
            _ => ("", default),
        };
        if (name.Length == 0)
        {
            var got = item.ValueKind == JsonValueKind.Object ? $"one with {item.EnumerateObject().Count()} keys" : Described(item);
            Add(path, $"expected a layer's kind, alone or as the one key of a mapping such as {{conv: {{channels: 16}}}}, got {got}");
            return null;
        }

        if (_kinds.Find(name) is not { } kind)
        {
            if (_kinds.TakesOthers && IsName(name))
            {
                return ReadOther(name, content, $"{path}.{name}");
            }

            Add(path, _kinds.Unknown(name));
            return null;
        }

        path = $"{path}.{name}";
        return content.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => WithArguments(kind, default, path, depth),
            JsonValueKind.Object => WithArguments(kind, content, path, depth),
            JsonValueKind.Array when kind.HasBody && kind.Arguments.Count == 0 => new NetworkElement(name, new Dictionary<string, string>(), ReadElements(content, path, depth + 1)),
            _ => Refused(path, $"expected a mapping of its arguments ({ArgumentsOf(kind)}), got {Described(content)}"),
        };
    }

    // One that others compute: its arguments are kept as they are, and checked by those who know it.
    private NetworkElement? ReadOther(string name, JsonElement content, string path)
    {
        if (content.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
        {
            return Refused(path, $"expected a mapping of its arguments, got {Described(content)}");
        }

        var arguments = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in content.ValueKind == JsonValueKind.Object ? content.EnumerateObject() : default(IEnumerable<JsonProperty>) ?? [])
        {
            var at = $"{path}.{entry.Name}";
            if (entry.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
            {
                Add(at, $"expected a number, a name, true or false, got {Described(entry.Value)}");
            }
            else if (!arguments.TryAdd(entry.Name, entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : entry.Value.GetRawText()))
            {
                Add(at, "given twice; leave out one of them");
            }
        }

        return new NetworkElement(name, arguments, []);
    }

    private NetworkElement WithArguments(ElementKind kind, JsonElement content, string path, int depth)
    {
        var (arguments, body) = (new Dictionary<string, string>(), new List<NetworkElement>());
        var isGiven = content.ValueKind == JsonValueKind.Object;
        foreach (var entry in isGiven ? content.EnumerateObject() : default(IEnumerable<JsonProperty>) ?? [])
        {
            var at = $"{path}.{entry.Name}";
            if (kind.HasBody && entry.Name == LayersKey)
            {
                body = ReadElements(entry.Value, at, depth + 1);
            }
            else if (kind.Argument(entry.Name) is not { } argument)
            {
                Add(at, kind.Arguments.Count == 0 && !kind.HasBody ? $"{kind.Name} takes no arguments" : Spelling.Unknown("argument", entry.Name, [.. kind.Arguments.Select(known => known.Name), .. kind.HasBody ? new[] { LayersKey } : []]));
            }
            else if (ReadArgument(argument, entry.Value, at) is { } text && !arguments.TryAdd(entry.Name, text))
            {
                Add(at, "given twice; leave out one of them");
            }
        }

        foreach (var missing in kind.Arguments.Where(argument => !argument.IsOptional && !(isGiven && content.TryGetProperty(argument.Name, out _))))
        {
            Add(path, $"lacks '{missing.Name}': {Lowered(missing.Description)}");
        }

        if (kind.HasBody && !(isGiven && content.TryGetProperty(LayersKey, out _)))
        {
            Add(path, $"lacks '{LayersKey}', a list");
        }

        // In the table's order, so that the same network has the same JSON.
        var ordered = kind.Arguments.Where(argument => arguments.ContainsKey(argument.Name)).ToDictionary(argument => argument.Name, argument => arguments[argument.Name]);
        return new NetworkElement(kind.Name, ordered, body);
    }

    private string? ReadArgument(ElementArgument argument, JsonElement value, string path)
    {
        switch (argument.Type)
        {
            case ArgumentType.Size when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole):
                return whole.ToString(CultureInfo.InvariantCulture);
            case ArgumentType.Size when value.ValueKind == JsonValueKind.String:
            case ArgumentType.Text when value.ValueKind == JsonValueKind.String && NamePattern().IsMatch(value.GetString()!):
                return value.GetString();
            case ArgumentType.Choice:
                return ReadOneOf(value, path, argument.Choices);
            case ArgumentType.Flag when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                return value.ValueKind == JsonValueKind.True ? "true" : "false";
            case ArgumentType.Flag when value.ValueKind == JsonValueKind.String && value.GetString() is "true" or "false":
                return value.GetString();
            case ArgumentType.Number when value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= argument.Minimum && number <= argument.Maximum:
                return number.ToString("R", CultureInfo.InvariantCulture);
            case ArgumentType.Number when value.ValueKind == JsonValueKind.String && double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= argument.Minimum && number <= argument.Maximum:
                return number.ToString("R", CultureInfo.InvariantCulture);
            default:
                Add(path, $"expected {Expected(argument)}, got {Described(value)}");
                return null;
        }
    }

    private string? ReadOneOf(JsonElement value, string path, IReadOnlyList<string> known)
    {
        if (value.ValueKind == JsonValueKind.String && known.Contains(value.GetString()!))
        {
            return value.GetString()!;
        }

        var hint = value.ValueKind == JsonValueKind.String ? Spelling.Hint(value.GetString()!, known) : "";
        Add(path, $"expected one of {string.Join(", ", known)}, got {Described(value)}{hint}");
        return null;
    }

    private NetworkElement? Refused(string path, string message)
    {
        Add(path, message);
        return null;
    }

    private void Add(string path, string message) => _problems.Add(new NetworkProblem(path, message));

    /// <summary>Whether a text could be the name of a network, a layer or a data set: 1 to 64 letters, digits, '-', '_' and '.'.</summary>
    public static bool IsName(string? text) => text is not null && NamePattern().IsMatch(text);

    private static string Expected(ElementArgument argument) => argument.Type switch
    {
        ArgumentType.Size => "a whole number, or an expression of parameters such as 2*width",
        ArgumentType.Flag => "true or false",
        ArgumentType.Number => string.Create(CultureInfo.InvariantCulture, $"a number from {argument.Minimum} to {argument.Maximum}"),
        _ => "a name of letters, digits, '-', '_' and '.'",
    };

    private static string ArgumentsOf(ElementKind kind) => kind.Arguments.Count == 0 ? "it has none" : string.Join(", ", kind.Arguments.Select(argument => argument.Name));

    private static string Lowered(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..].TrimEnd('.');

    private static string Described(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "a mapping",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null or JsonValueKind.Undefined => "nothing",
        JsonValueKind.String => $"'{value.GetString()}'",
        _ => value.GetRawText(),
    };

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9]{0,31}\z")]
    private static partial Regex ParameterPattern();
}
