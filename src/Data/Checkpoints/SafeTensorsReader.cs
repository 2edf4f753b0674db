using System.Buffers.Binary;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Reads a safetensors file: length, header, then each tensor's bytes in the order of their offsets.</summary>
internal static class SafeTensorsReader
{
    /// <summary>Longest header that is read, as in the format's public implementation.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    public static SafeTensorsFile Read(BoundedSource source)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(source.Read(sizeof(ulong), "the header length"));
        if (length > MaxHeaderBytes)
        {
            throw source.Problem("header too long", $"at most {MaxHeaderBytes} bytes", $"{length}");
        }

        var header = SafeTensorsHeader.Parse(source.Read((int)length, "the header"), source);
        var ordered = header.Entries.ToArray();
        Array.Sort(ordered, static (left, right) =>
            left.Begin != right.Begin ? left.Begin.CompareTo(right.Begin) : left.End.CompareTo(right.End));
        CheckLayout(ordered, source);

        var tensors = Array.ConvertAll(ordered, entry => new SafeTensor(
            entry.Name, entry.DType, entry.Shape, source.Read((int)(entry.End - entry.Begin), $"tensor {CheckpointException.Quote(entry.Name)}")));
        source.ExpectEnd();

        var byName = new OrderedDictionary<string, SafeTensor>(tensors.Length, StringComparer.Ordinal);
        foreach (var tensor in SafeTensorsWriter.Order(tensors))
        {
            byName.Add(tensor.Name, tensor);
        }

        return new SafeTensorsFile(byName, header.Metadata);
    }

    private static void CheckLayout(SafeTensorsEntry[] ordered, BoundedSource source)
    {
        var expected = 0L;
        foreach (var entry in ordered)
        {
            if (entry.Begin != expected)
            {
                var fault = entry.Begin < expected ? "overlaps the tensor before it" : "leaves a gap before it";
                throw source.Problem($"tensor {CheckpointException.Quote(entry.Name)} {fault}", $"it to begin at {expected}", $"{entry.Begin}");
            }

            expected = entry.End;
        }

        if (source.Remaining is { } remaining && remaining != expected)
        {
            throw source.Problem("wrong size of the tensors' bytes", $"{expected} bytes after the header", $"{remaining}");
        }
    }
}
