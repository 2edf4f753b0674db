using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using MessagePack;
using MessagePack.Formatters;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Events of a run keep their one JSON form, in which their kinds have names.</summary>
internal sealed class RunEventFormatter : IMessagePackFormatter<RunEvent?>
{
    public static RunEventFormatter Instance { get; } = new();

    public void Serialize(ref MessagePackWriter writer, RunEvent? value, MessagePackSerializerOptions options) =>
        writer.Write(value is null ? null : RunEventJson.Serialize(value));

    public RunEvent? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
        reader.ReadString() is { } json ? JsonSerializer.Deserialize<RunEvent>(json, RunEventJson.Options) : null;
}
