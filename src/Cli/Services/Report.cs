using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>The result of a command other than train; as JSON it begins like the events of a run.</summary>
internal abstract record Report
{
    // Not overridden itself: the order of a property is lost on the way to an override.
    [JsonPropertyOrder(-2)] public string Event => Kind;

    [JsonPropertyOrder(-1)] public int Schema { get; } = 1;

    /// <summary>What is reported.</summary>
    protected abstract string Kind { get; }
}
