using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>The header of a safetensors file, byte for byte the same for the same tensors.</summary>
internal static class SafeTensorsWriter
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static SafeTensor[] Order(IEnumerable<SafeTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var ordered = tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        for (var i = 1; i < ordered.Length; i++)
        {
            if (ordered[i - 1].Name == ordered[i].Name)
            {
                throw new ArgumentException($"Two tensors are named {ordered[i].Name}; give every tensor its own name.", nameof(tensors));
            }
        }

        return ordered;
    }

    public static byte[] Header(SafeTensor[] ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = Json(ordered, metadata);
        var padded = (json.Length + 7) / 8 * 8;
        if (padded > SafeTensorsReader.MaxHeaderBytes)
        {
            throw new ArgumentException(
                $"The header would take {padded} bytes, more than readers accept ({SafeTensorsReader.MaxHeaderBytes}); shorten names or metadata.",
                nameof(ordered));
        }

        var header = new byte[sizeof(ulong) + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        json.CopyTo(header.AsSpan(sizeof(ulong)));
        header.AsSpan(sizeof(ulong) + json.Length).Fill((byte)' ');
        return header;
    }

    private static ReadOnlySpan<byte> Json(SafeTensor[] ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, _options);
        writer.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            writer.WriteStartObject(SafeTensor.MetadataName);
            foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        var offset = 0L;
        foreach (var tensor in ordered)
        {
            WriteEntry(writer, tensor, offset);
            offset += tensor.Data.Length;
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan;
    }

    private static void WriteEntry(Utf8JsonWriter writer, SafeTensor tensor, long offset)
    {
        writer.WriteStartObject(tensor.Name);
        writer.WriteString("dtype", tensor.DType.ToString());
        writer.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
        {
            writer.WriteNumberValue(size);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(offset);
        writer.WriteNumberValue(offset + tensor.Data.Length);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
