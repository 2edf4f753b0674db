using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Data.Pickle;

/// <summary>Writes a state dict as torch.save does: <c>torch.load(FILE, weights_only=True)</c> reads it. The same tensors give the same bytes.</summary>
public static class TorchWriter
{
    private const string Root = "archive";

    // A zip entry needs a date; none before 1980 can be written.
    private static readonly DateTimeOffset _date = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes the tensors in the order given.</summary>
    /// <exception cref="ArgumentException">Torch has no storage of a tensor's type.</exception>
    public static void Write(Stream stream, IReadOnlyList<SafeTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Add(archive, "data.pkl", Pickle(tensors));
        Add(archive, "byteorder", "little"u8);
        for (var i = 0; i < tensors.Count; i++)
        {
            Add(archive, $"data/{i}", tensors[i].Data.Span);
        }

        Add(archive, "version", "3\n"u8);
    }

    private static void Add(ZipArchive archive, string name, ReadOnlySpan<byte> bytes)
    {
        var entry = archive.CreateEntry($"{Root}/{name}", CompressionLevel.NoCompression);
        entry.LastWriteTime = _date;
        using var stream = entry.Open();
        stream.Write(bytes);
    }

    private static byte[] Pickle(IReadOnlyList<SafeTensor> tensors)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write((byte)0x80);
        writer.Write((byte)2);
        writer.Write("ccollections\nOrderedDict\n)R("u8);
        for (var i = 0; i < tensors.Count; i++)
        {
            Text(writer, tensors[i].Name);
            Tensor(writer, tensors[i], i);
        }

        writer.Write("u."u8);
        writer.Flush();
        return buffer.ToArray();
    }

    private static void Tensor(BinaryWriter writer, SafeTensor tensor, int storage)
    {
        var type = TorchObjects.StorageName(tensor.DType)
            ?? throw new ArgumentException($"{tensor.Name} holds {tensor.DType}, of which torch has no storage", nameof(tensor));
        writer.Write("ctorch._utils\n_rebuild_tensor_v2\n(("u8);
        Text(writer, "storage");
        writer.Write(Encoding.UTF8.GetBytes($"ctorch\n{type}\n"));
        Text(writer, $"{storage}");
        Text(writer, "cpu");
        Number(writer, tensor.Shape.Aggregate(1L, (product, side) => product * side));
        writer.Write("tQK\0("u8);
        foreach (var side in tensor.Shape)
        {
            Number(writer, side);
        }

        writer.Write("t("u8);
        for (var axis = 0; axis < tensor.Shape.Count; axis++)
        {
            Number(writer, tensor.Shape.Skip(axis + 1).Aggregate(1L, (product, side) => product * side));
        }

        writer.Write("t"u8);
        writer.Write((byte)0x89); // requires no gradient
        writer.Write("ccollections\nOrderedDict\n)RtR"u8);
    }

    private static void Text(BinaryWriter writer, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write((byte)'X');
        writer.Write(utf8.Length);
        writer.Write(utf8);
    }

    private static void Number(BinaryWriter writer, long number)
    {
        if (number is >= 0 and <= int.MaxValue)
        {
            writer.Write((byte)'J');
            writer.Write((int)number);
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        writer.Write((byte)0x8a);
        writer.Write((byte)sizeof(long));
        writer.Write(bytes);
    }
}
