using System.Text;
using System.Text.Json;

namespace Lcnn.Distributed.Networks;

/// <summary>A network as its file declares it: layers in order, with whole-number parameters that a run or a sweep may set.</summary>
/// <remarks>The built-in networks are such descriptions (<see cref="NetworkCatalog"/>). A run carries the whole of its own as JSON: no silo needs the file.</remarks>
/// <param name="Name">What runs and reports call it.</param>
/// <param name="Style">One of <see cref="NetworkStyles.Names"/>: what layers do that say nothing else.</param>
/// <param name="Parameters">Names that sizes may use, and their defaults.</param>
/// <param name="Layers">In forward order.</param>
public sealed record NetworkDescription(
    string Name, string Style, IReadOnlyDictionary<string, long> Parameters, IReadOnlyList<NetworkElement> Layers)
{
    /// <summary>Whether it has learnable betas or gammas, which the curvature losses need.</summary>
    public bool HasPenalties => NetworkStyles.LearnsBetas(Style) || Layers.Any(HasOwnPenalty);

    /// <summary>The description as one line of JSON, the same for the same network however its file is laid out.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Kinds of its entries that are not built in, each once: operations of a program's own.</summary>
    public IReadOnlyList<string> OwnKinds => [.. Layers.SelectMany(KindsIn).Where(kind => ElementKind.Find(kind) is null).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Reads <see cref="ToJson"/>. What operations of a program's own take is checked where they are known.</summary>
    /// <exception cref="ArgumentException">It is no description; every problem is named.</exception>
    public static NetworkDescription Parse(string json)
    {
        var (description, problems) = NetworkReader.Read(json, ElementKinds.Any);
        return description ?? throw new ArgumentException($"the network's description cannot be used: {string.Join("; ", problems)}");
    }

    /// <summary>The same as a YAML file.</summary>
    public string ToYaml() => NetworkYaml.Write(this);

    private static bool HasOwnPenalty(NetworkElement element) =>
        element.Arguments.Values.Any(value => value is "centered-softplus" or "lipschitz") || element.Body.Any(HasOwnPenalty);

    private static IEnumerable<string> KindsIn(NetworkElement element) => element.Body.SelectMany(KindsIn).Prepend(element.Kind);

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString(NetworkReader.NameKey, Name);
        writer.WriteString(NetworkReader.StyleKey, Style);
        writer.WriteStartObject(NetworkReader.ParametersKey);
        foreach (var (name, value) in Parameters)
        {
            writer.WriteNumber(name, value);
        }

        writer.WriteEndObject();
        Write(writer, NetworkReader.LayersKey, Layers);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string key, IReadOnlyList<NetworkElement> elements)
    {
        writer.WriteStartArray(key);
        foreach (var element in elements)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(element.Kind);
            foreach (var (name, value) in element.Arguments)
            {
                writer.WriteString(name, value);
            }

            if (element.Body.Count > 0)
            {
                Write(writer, NetworkReader.LayersKey, element.Body);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

/// <summary>One entry of a description's list: a layer, a block, or a list of its own.</summary>
/// <param name="Kind">One of <see cref="ElementKind.All"/> by name, or an operation of a program's own.</param>
/// <param name="Arguments">As they are written, those that were given; sizes are expressions (<see cref="SizeExpression"/>).</param>
/// <param name="Body">The entries in it, for those that have some.</param>
public sealed record NetworkElement(string Kind, IReadOnlyDictionary<string, string> Arguments, IReadOnlyList<NetworkElement> Body);
