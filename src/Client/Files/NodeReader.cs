using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Client.Files;

/// <summary>Reads typed values from nodes; what does not fit becomes a problem and the result null.</summary>
internal sealed class NodeReader(FileProblems problems)
{
    /// <summary>The entries of a mapping that have a known key, each key once.</summary>
    public IEnumerable<(string Key, string Path, TextNode Value)> Entries(TextNode node, string path, IReadOnlyList<string>? known, string example)
    {
        if (node is not MappingNode mapping)
        {
            problems.Add(node.Place, path, $"expected a mapping such as {example}, got {node.Description}");
            yield break;
        }

        var seen = new HashSet<string>();
        foreach (var entry in mapping.Entries)
        {
            var entryPath = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
            if (!seen.Add(entry.Key))
            {
                problems.Add(entry.Place, entryPath, "given twice; leave out one of them");
            }
            else if (known?.Contains(entry.Key) == false)
            {
                problems.Add(entry.Place, entryPath, Spelling.Unknown("key", entry.Key, known));
            }
            else
            {
                problems.Place(entryPath, entry.Value.Place);
                yield return (entry.Key, entryPath, entry.Value);
            }
        }
    }

    /// <summary>The items of a list, each with its path.</summary>
    public IEnumerable<(string Path, TextNode Value)> Items(TextNode node, string path, string example)
    {
        if (node is not ListNode list)
        {
            problems.Add(node.Place, path, $"expected a list such as {example}, got {node.Description}");
            yield break;
        }

        for (var i = 0; i < list.Items.Count; i++)
        {
            problems.Place($"{path}[{i}]", list.Items[i].Place);
            yield return ($"{path}[{i}]", list.Items[i]);
        }
    }

    public OptionValue? Value(TextNode node, string path) =>
        node is ScalarNode { Value: { } value } ? value : Refuse<OptionValue>(node, path, "a text, a number, true or false");

    public string? Text(TextNode node, string path) =>
        node is ScalarNode { Value.Text: { } text } ? text : Refuse<string>(node, path, "a text");

    /// <summary>A path; what no path can be is refused here, where its place is known.</summary>
    public string? Path(TextNode node, string path)
    {
        if (Text(node, path) is not { } text)
        {
            return null;
        }

        if (text.Contains('\0'))
        {
            problems.Add(node.Place, path, "expected a path, got a text with a zero byte");
            return null;
        }

        return HomeFolder.Expand(text);
    }

    public double? Number(TextNode node, string path) =>
        node is ScalarNode { Value.AsNumber: { } number } ? number : RefuseValue<double>(node, path, "a number");

    public long? Whole(TextNode node, string path) =>
        node is ScalarNode { Value.AsWhole: { } whole } ? whole : RefuseValue<long>(node, path, "a whole number");

    public int? Count(TextNode node, string path)
    {
        if (Whole(node, path) is not { } whole)
        {
            return null;
        }

        return whole is >= int.MinValue and <= int.MaxValue
            ? (int)whole
            : RefuseValue<int>(node, path, $"a whole number up to {int.MaxValue}");
    }

    public bool? Flag(TextNode node, string path) =>
        node is ScalarNode { Value.Flag: { } flag } ? flag : RefuseValue<bool>(node, path, "true or false");

    public TimeSpan? Duration(TextNode node, string path) =>
        node is ScalarNode { Value.Text: { } text } && DurationText.TryParse(text, out var duration)
            ? duration
            : RefuseValue<TimeSpan>(node, path, "a time such as 90s, 45m, 1h30m or 2d");

    private T? Refuse<T>(TextNode node, string path, string expected)
        where T : class
    {
        problems.Add(node.Place, path, $"expected {expected}, got {node.Description}");
        return null;
    }

    private T? RefuseValue<T>(TextNode node, string path, string expected)
        where T : struct
    {
        problems.Add(node.Place, path, $"expected {expected}, got {node.Description}");
        return null;
    }
}
