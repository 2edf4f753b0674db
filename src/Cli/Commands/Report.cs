using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The result of a command other than train; as JSON it begins like the events of a run.</summary>
internal abstract record Report
{
    [JsonPropertyOrder(-2)] public abstract string Event { get; }

    [JsonPropertyOrder(-1)] public int Schema { get; } = 1;
}
