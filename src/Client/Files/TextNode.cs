using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client.Files;

/// <summary>A place in a text, both from 1.</summary>
internal readonly record struct TextPlace(int Line, int Column);

/// <summary>A piece of a YAML or JSON text that knows its place.</summary>
internal abstract record TextNode(TextPlace Place)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Description { get; }
}

/// <summary>A scalar: its value, or null for an empty one, and how it was written where that is not the same.</summary>
internal sealed record ScalarNode(TextPlace Place, OptionValue? Value, string? Source = null) : TextNode(Place)
{
    public override string Description => Value is null ? "nothing" : Value.Text is { } text ? $"'{text}'" : Source ?? Value.ToString();
}

/// <summary>A list.</summary>
internal sealed record ListNode(TextPlace Place, IReadOnlyList<TextNode> Items) : TextNode(Place)
{
    public override string Description => "a list";
}

/// <summary>A mapping, its keys in order and as often as they are given.</summary>
internal sealed record MappingNode(TextPlace Place, IReadOnlyList<TextEntry> Entries) : TextNode(Place)
{
    public override string Description => "a mapping";
}

/// <summary>A key and its value.</summary>
internal sealed record TextEntry(string Key, TextPlace Place, TextNode Value);
