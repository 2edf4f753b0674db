using System.Text.Json;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Parses the JSON header of a safetensors file and checks every entry by itself.</summary>
internal sealed class SafeTensorsHeader
{
    // Header object, entry object, array.
    private const int MaxDepth = 3;

    private readonly BoundedSource _source;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private SafeTensorsHeader(BoundedSource source) => _source = source;

    /// <summary>Every tensor, in the order of the header.</summary>
    public List<SafeTensorsEntry> Entries { get; } = [];

    /// <summary>The text entries under __metadata__.</summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, BoundedSource source)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw source.Problem("header is not JSON", "text that begins with {", json.IsEmpty ? "nothing" : "other bytes");
        }

        var header = new SafeTensorsHeader(source);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            header.ReadAll(ref reader);
        }
        catch (JsonException problem)
        {
            throw source.Problem("header is not JSON", "a JSON object of tensors", problem.Message, problem);
        }

        return header;
    }

    private void ReadAll(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (ReadName(ref reader, "the header") is { } name)
        {
            if (!_names.Add(name))
            {
                throw _source.Problem("duplicate name", "every name once", CheckpointException.Quote(name));
            }

            Expect(ref reader, JsonTokenType.StartObject, name);
            if (name == SafeTensor.MetadataName)
            {
                ReadMetadata(ref reader);
            }
            else
            {
                Entries.Add(ReadEntry(ref reader, name));
            }
        }

        reader.Read(); // throws if anything but blanks follows
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        while (ReadName(ref reader, SafeTensor.MetadataName) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, key);
            if (!Metadata.TryAdd(key, Text(ref reader, key)))
            {
                throw _source.Problem("duplicate metadata", "every key once", CheckpointException.Quote(key));
            }
        }
    }

    private SafeTensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (SafeTensor.NameProblem(name) is { } problem)
        {
            throw _source.Problem("bad name", problem, CheckpointException.Quote(name));
        }

        ElementType? dtype = null;
        long[]? shape = null, offsets = null;
        while (ReadName(ref reader, name) is { } field)
        {
            switch (field)
            {
                case "dtype" when dtype is null:
                    dtype = ReadType(ref reader, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name);
                    break;
                default:
                    throw Problem(name, "unknown or repeated field", "dtype, shape and data_offsets, once each", CheckpointException.Quote(field));
            }
        }

        if (dtype is null || shape is null || offsets is not [var begin, var end])
        {
            throw Problem(name, "incomplete entry", "dtype, shape and two data_offsets", "less or more");
        }

        return CheckSize(new SafeTensorsEntry(name, dtype.Value, shape, begin, end));
    }

    private SafeTensorsEntry CheckSize(SafeTensorsEntry entry)
    {
        if (!SafeTensor.TryCountBytes(entry.DType, entry.Shape, out var bytes) || bytes > Array.MaxLength)
        {
            throw Problem(entry.Name, "impossible size", $"whole bytes, at most {Array.MaxLength}", Describe(entry));
        }

        if (entry.End - entry.Begin != bytes)
        {
            throw Problem(entry.Name, "shape and offsets disagree", $"{bytes} bytes for {Describe(entry)}", $"[{entry.Begin}, {entry.End}]");
        }

        return entry;
    }

    private ElementType ReadType(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.String, name);
        var text = Text(ref reader, name);
        return ElementTypeExtensions.TryParse(text, out var type)
            ? type
            : throw Problem(name, "unknown dtype", $"one of {ElementTypeExtensions.Supported}", CheckpointException.Quote(text));
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartArray, name);
        var numbers = new List<long>(4);
        while (reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 0)
        {
            numbers.Add(number);
        }

        return reader.TokenType == JsonTokenType.EndArray
            ? [.. numbers]
            : throw Problem(name, "bad number", "whole numbers from 0 to 2^63-1", $"another {reader.TokenType}");
    }

    /// <summary>The next name inside an object, or null at its end.</summary>
    private string? ReadName(ref Utf8JsonReader reader, string where)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? null : Text(ref reader, where);
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string where)
    {
        reader.Read();
        if (reader.TokenType != type)
        {
            throw Problem(where, "bad header entry", $"{type}", $"{reader.TokenType}");
        }
    }

    private string Text(ref Utf8JsonReader reader, string where)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException problem)
        {
            // bytes that are not UTF-8, or an escape that is half of a character
            throw Problem(where, "bad text", "Unicode", "bytes or escapes that are not", problem);
        }
    }

    private CheckpointException Problem(string name, string what, string expected, string got, Exception? inner = null) =>
        _source.Problem($"{CheckpointException.Quote(name)}: {what}", expected, got, inner);

    private static string Describe(SafeTensorsEntry entry) =>
        $"{entry.DType} of shape [{string.Join(", ", entry.Shape.Take(8))}{(entry.Shape.Length > 8 ? ", ..." : "")}]";
}
