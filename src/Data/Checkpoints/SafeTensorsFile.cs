using System.Collections.ObjectModel;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>A safetensors file: an 8-byte little-endian header length, a JSON header, the tensors' bytes without gaps.</summary>
/// <remarks>
/// Reading trusts nothing: the whole header is checked before a tensor is allocated, and whatever the bytes are, the outcome
/// is a file or a <see cref="CheckpointException"/>. Writing is deterministic: names in ordinal order, header padded with spaces.
/// </remarks>
public sealed class SafeTensorsFile
{
    internal SafeTensorsFile(OrderedDictionary<string, SafeTensor> tensors, SortedDictionary<string, string> metadata)
    {
        Tensors = new ReadOnlyDictionary<string, SafeTensor>(tensors);
        Metadata = new ReadOnlyDictionary<string, string>(metadata);
    }

    /// <summary>The tensors by name, in ordinal order of their names.</summary>
    public IReadOnlyDictionary<string, SafeTensor> Tensors { get; }

    /// <summary>The file's own text entries; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads a whole file into memory.</summary>
    public static SafeTensorsFile Read(string path)
    {
        using var file = CheckpointFile.Open(path);
        return Read(file, path);
    }

    /// <summary>Reads the rest of a stream; <paramref name="sourceName"/> names it in errors.</summary>
    public static SafeTensorsFile Read(Stream stream, string sourceName)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return CheckpointFile.Guard(sourceName, () => SafeTensorsReader.Read(new BoundedSource(stream, sourceName)));
    }

    /// <summary>Writes a file; an existing one is replaced only when the new one is complete.</summary>
    public static void Write(string path, IEnumerable<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var temporary = $"{path}.tmp-{Path.GetRandomFileName()}";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                Write(file, tensors, metadata);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes to a stream and leaves it open.</summary>
    public static void Write(Stream stream, IEnumerable<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var ordered = SafeTensorsWriter.Order(tensors);
        stream.Write(SafeTensorsWriter.Header(ordered, metadata));
        foreach (var tensor in ordered)
        {
            stream.Write(tensor.Data.Span);
        }
    }
}
