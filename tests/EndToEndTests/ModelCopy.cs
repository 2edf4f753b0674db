using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Lcnn.Distributed.EndToEndTests;

/// <summary>Copies of a model as other programs would make them.</summary>
internal static class ModelCopy
{
    /// <summary>Copies a file with other words on itself, or without any.</summary>
    public static void Write(string path, string copy, params IEnumerable<(string Name, string Text)> metadata)
    {
        var file = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        var header = JsonNode.Parse(file.AsSpan(8, length))!.AsObject();
        header.Remove("__metadata__");
        if (metadata.Any())
        {
            header["__metadata__"] = new JsonObject(metadata.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Name, entry.Text)));
        }

        var json = Encoding.UTF8.GetBytes(header.ToJsonString());
        var words = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(words, (ulong)json.Length);
        File.WriteAllBytes(copy, [.. words, .. json, .. file[(8 + length)..]]);
    }
}
