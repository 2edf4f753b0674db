using System.Text.Json.Nodes;
using Lcnn.Distributed.Client.Files;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Client.Networks;

/// <summary>Reads the files that describe networks: YAML or JSON.</summary>
public sealed class NetworkFile
{
    /// <summary>Longest file that is read, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private const int SomeClasses = 10; // the data set knows them

    private readonly FileProblems _places;

    private NetworkFile(NetworkDescription description, FileProblems places) => (Description, _places) = (description, places);

    /// <summary>The network.</summary>
    public NetworkDescription Description { get; }

    /// <summary>The network of a file.</summary>
    /// <exception cref="InvalidNetworkException">It describes none; every problem is named with its line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Task<NetworkFile> ReadAsync(string path, CancellationToken cancellationToken = default) => ReadAsync(path, ElementKinds.BuiltIn, cancellationToken);

    /// <summary>The network of a file, whose layers may be others than the built-in ones.</summary>
    /// <inheritdoc cref="ReadAsync(string, CancellationToken)"/>
    public static async Task<NetworkFile> ReadAsync(string path, ElementKinds kinds, CancellationToken cancellationToken = default)
    {
        var (text, problem) = await FileText.ReadAsync(path, MaxBytes, cancellationToken);
        return problem is null ? Parse(text, path, kinds) : throw new InvalidNetworkException([problem]);
    }

    /// <inheritdoc cref="ReadAsync(string, CancellationToken)"/>
    internal static NetworkFile Read(string path, ElementKinds kinds)
    {
        var (text, problem) = FileText.Read(path, MaxBytes);
        return problem is null ? Parse(text, path, kinds) : throw new InvalidNetworkException([problem]);
    }

    /// <summary>The network of a text.</summary>
    /// <param name="text">YAML, or JSON.</param>
    /// <param name="name">Name of the file in problems; ".json" at its end holds the text to JSON's rules.</param>
    /// <param name="kinds">What its layers may be; the built-in kinds if null.</param>
    /// <exception cref="InvalidNetworkException">It describes none; every problem is named with its line.</exception>
    public static NetworkFile Parse(string text, string name = "network.yaml", ElementKinds? kinds = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new FileProblems(name);
        var root = FileText.Load(text, name, MaxBytes, problems);
        var description = root is null ? null : Read(root, "", problems, kinds ?? ElementKinds.BuiltIn);
        return problems.IsEmpty ? new NetworkFile(description!, problems) : throw new InvalidNetworkException(problems.InOrder());
    }

    /// <summary>What is wrong at a place in the description, such as a shape that only the images decide, with its line.</summary>
    /// <param name="where">Such as "layers[2].conv".</param>
    /// <param name="message">Expected, got, what to do.</param>
    public FileProblem At(string where, string message) => _places.At(where, message);

    /// <summary>The network of a node of a larger file; null where it is refused.</summary>
    internal static NetworkDescription? Read(TextNode root, string path, FileProblems problems, ElementKinds kinds)
    {
        var known = problems.Count;
        var json = ToJson(root, path, problems);
        if (problems.Count > known)
        {
            return null;
        }

        var (description, refused) = NetworkReader.Read(json?.ToJsonString() ?? "null", kinds);
        refused = description is null ? refused : NetworkPlan.Of(description, new Dictionary<string, long>(), SomeClasses, kinds).Problems;
        foreach (var problem in refused)
        {
            problems.Add(problems.At(path.Length == 0 || problem.Path.Length == 0 ? path + problem.Path : $"{path}.{problem.Path}", problem.Message));
        }

        return refused.Count == 0 ? description : null;
    }

    private static JsonNode? ToJson(TextNode node, string path, FileProblems problems)
    {
        problems.Place(path, node.Place);
        switch (node)
        {
            case ListNode list:
                return new JsonArray([.. list.Items.Select((item, index) => ToJson(item, $"{path}[{index}]", problems))]);
            case MappingNode mapping:
                var entries = new JsonObject();
                foreach (var entry in mapping.Entries)
                {
                    var at = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
                    if (!entries.TryAdd(entry.Key, ToJson(entry.Value, at, problems)))
                    {
                        problems.Add(entry.Place, at, "given twice; leave out one of them");
                    }
                }

                return entries;
            default:
                var value = ((ScalarNode)node).Value;
                return value switch
                {
                    { Whole: { } whole } => whole,
                    { Flag: { } flag } => flag,
                    { Number: { } number } when double.IsFinite(number) => number,
                    null => null,
                    _ => value.ToString(),
                };
        }
    }
}
