using Lcnn.Distributed.Client.Files;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Client.Sweeps;

/// <summary>Reads the parameters of a sweep file.</summary>
internal sealed class ParameterReader(NodeReader nodes, FileProblems problems)
{
    private const long MostWhole = 1L << 53;
    private const string Example = "{values: [0.1, 0.2]}";

    public IEnumerable<ParameterSpec> Read(TextNode node) =>
        nodes.Entries(node, "parameters", known: null, "lr: {logRange: [0.01, 0.2]}").Select(entry => ReadOne(entry.Key, entry.Path, entry.Value)).ToArray();

    private ParameterSpec ReadOne(string name, string path, TextNode node)
    {
        var parameter = new ParameterSpec { Name = name };
        var domains = new List<string>();
        foreach (var (key, keyPath, value) in nodes.Entries(node, path, SweepFileKeys.Parameter, Example))
        {
            if (SweepFileKeys.Domains.Contains(key))
            {
                domains.Add(key);
            }

            parameter = Set(parameter, key, keyPath, value);
        }

        if (domains.Count != 1 && !problems.Has(path))
        {
            var got = domains.Count == 0 ? "none" : string.Join(" and ", domains);
            problems.Add(node.Place, path, $"expected exactly one of {string.Join(", ", SweepFileKeys.Domains)}, got {got}");
        }

        return parameter;
    }

    private ParameterSpec Set(ParameterSpec parameter, string key, string path, TextNode value) => key switch
    {
        "values" => parameter with { Kind = ParameterKind.Values, Values = [.. ReadValues(value, path)] },
        "range" => ReadBounds(parameter with { Kind = ParameterKind.Range }, value, path),
        "logRange" => ReadBounds(parameter with { Kind = ParameterKind.LogRange }, value, path),
        "int" => ReadBounds(parameter with { Kind = ParameterKind.Whole }, value, path),
        "log" => parameter with { IsLog = nodes.Flag(value, path) ?? false },
        "step" => parameter with { Step = nodes.Number(value, path) },
        "count" => parameter with { Count = nodes.Count(value, path) },
        _ => parameter with { When = [.. ReadConditions(value, path)] },
    };

    private OptionValue[] ReadValues(TextNode node, string path)
    {
        var values = nodes.Items(node, path, "[64, 128]").Select(item => nodes.Value(item.Value, item.Path)).ToArray();
        return [.. values.OfType<OptionValue>()];
    }

    private ParameterSpec ReadBounds(ParameterSpec parameter, TextNode node, string path)
    {
        var bounds = nodes.Items(node, path, "[0.01, 0.2]").Select(item => ReadBound(parameter.Kind, item.Value, item.Path)).ToArray();
        if (bounds is [{ } low, { } high])
        {
            return parameter with { Low = low, High = high };
        }

        if (node is ListNode && bounds.Length != 2)
        {
            problems.Add(node.Place, path, $"expected two bounds [low, high], got {bounds.Length}{(bounds.Length == 3 ? "; give the step as 'step'" : "")}");
        }

        return parameter;
    }

    // What a double cannot hold is refused as it was written.
    private double? ReadBound(ParameterKind kind, TextNode node, string path)
    {
        if (kind == ParameterKind.Whole && node is ScalarNode { Value.Whole: >= MostWhole or <= -MostWhole })
        {
            problems.Add(node.Place, path, $"expected whole numbers up to 2^53, got {node.Description}");
            return null;
        }

        return nodes.Number(node, path);
    }

    private ParameterCondition[] ReadConditions(TextNode node, string path) =>
        [.. nodes.Entries(node, path, known: null, "{arch: resnet8-lcnn}").Select(entry => new ParameterCondition(
            entry.Key, entry.Value is ListNode ? ReadValues(entry.Value, entry.Path) : nodes.Value(entry.Value, entry.Path) is { } value ? [value] : []))];
}
