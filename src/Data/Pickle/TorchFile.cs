using System.IO.Compression;
using ICSharpCode.SharpZipLib.Checksum;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Data.Pickle;

/// <summary>A file of torch.save: a zip archive with a pickle and a storage each entry, or the one stream of releases before 1.6.</summary>
internal sealed class TorchFile
{
    private const int MaxPickleBytes = 64 << 20;
    private const string Pickle = "data.pkl";

    // The pickle of 0x1950a86a20f9469cfc6c, with which the old format begins.
    private static ReadOnlySpan<byte> LegacyMagic => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    private static ReadOnlySpan<byte> ZipMagic => "PK\x03\x04"u8;

    private TorchFile(object? root, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> storages) => (Root, Storages) = (root, storages);

    /// <summary>What was saved.</summary>
    public object? Root { get; }

    /// <summary>Little-endian bytes by the key of the storage.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Storages { get; }

    /// <summary>Whether a file of torch.save begins so.</summary>
    public static bool Begins(ReadOnlySpan<byte> bytes) => bytes.StartsWith(ZipMagic) || bytes.StartsWith(LegacyMagic);

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">It is damaged, or no state dict.</exception>
    public static TorchFile Read(Stream file, string source) => CheckpointFile.Guard(source, () =>
    {
        Span<byte> begin = stackalloc byte[LegacyMagic.Length];
        var isLegacy = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length && begin.SequenceEqual(LegacyMagic);
        file.Position = 0;
        try
        {
            return isLegacy ? ReadLegacy(file, source) : ReadZip(file, source);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or NotSupportedException or ArgumentException or OverflowException) // of the archive's reader
        {
            throw Problem(source, "not a whole zip archive", "one as torch.save writes it", damaged.Message.TrimEnd('.'));
        }
    });

    private static TorchFile ReadZip(Stream file, string source)
    {
        using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        var pickles = archive.Entries.Where(entry => entry.Name == Pickle).ToList();
        if (pickles is not [var pickle])
        {
            throw Problem(source, $"{pickles.Count} entries named {Pickle}", "one, as torch.save writes it", $"{pickles.Count}");
        }

        var left = file.Length;
        var root = pickle.FullName[..^Pickle.Length];
        CheckOrder(archive, root, source);
        var reader = new PickleReader(Bytes(pickle, MaxPickleBytes, ref left, source), source);
        var value = reader.Read();
        var storages = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries.Where(entry => entry.FullName.StartsWith($"{root}data/", StringComparison.Ordinal)))
        {
            if (!storages.TryAdd(entry.FullName[(root.Length + "data/".Length)..], Bytes(entry, Array.MaxLength, ref left, source)))
            {
                throw Problem(source, $"entry {CheckpointException.Quote(entry.FullName)} stands twice", "once", "twice");
            }
        }

        return new TorchFile(value, storages);
    }

    // Stored as they are: an archive that unpacks to more than its own size is refused.
    private static byte[] Bytes(ZipArchiveEntry entry, int most, ref long left, string source)
    {
        var name = CheckpointException.Quote(entry.FullName);
        if (entry.Length != entry.CompressedLength || entry.Length > most || (left -= entry.Length) < 0)
        {
            throw Problem(source, $"entry {name} of {entry.Length} bytes", "one that is stored uncompressed and no longer than the file", $"{entry.CompressedLength} bytes in the file");
        }

        using var stream = entry.Open();
        var bytes = new BoundedSource(stream, source).Read((int)entry.Length, $"entry {name}");
        var sum = new Crc32();
        sum.Update(bytes);
        return (uint)sum.Value == entry.Crc32 ? bytes : throw Problem(source, $"entry {name} was changed", $"the check sum {entry.Crc32:x8}", $"{sum.Value:x8}");
    }

    private static void CheckOrder(ZipArchive archive, string root, string source)
    {
        if (archive.GetEntry($"{root}byteorder") is not { Length: < 16 } entry)
        {
            return;
        }

        using var reader = new StreamReader(entry.Open());
        if (reader.ReadToEnd().Trim() is not "little" and var order)
        {
            throw Problem(source, "wrong byte order", "little", CheckpointException.Quote(order));
        }
    }

    // Magic, protocol, a description of the machine, the object, the keys of its storages, then each storage behind its length.
    private static TorchFile ReadLegacy(Stream file, string source)
    {
        if (file.Length > Array.MaxLength)
        {
            throw Problem(source, "too long for the format of releases before 1.6", $"at most {Array.MaxLength} bytes", $"{file.Length}");
        }

        var bytes = new BoundedSource(file, source).Read((int)file.Length, "the file");
        var rest = bytes.AsMemory(LegacyMagic.Length);
        var reader = new PickleReader(rest, source);
        reader.Read();
        reader.Read();
        var value = reader.Read();
        if (reader.Read() is not PickledList { Items: var keys } || !keys.All(key => key is string))
        {
            throw Problem(source, "no list of storages", "their keys", "something else");
        }

        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        FindSizes(value, sizes, new HashSet<object>(ReferenceEqualityComparer.Instance));
        rest = rest[reader.Position..];
        var storages = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var key in keys.Cast<string>())
        {
            var count = rest.Length >= sizeof(long) ? BitConverter.ToInt64(rest.Span) : -1;
            var size = sizes.GetValueOrDefault(key, 1);
            if (count < 0 || count > (rest.Length - sizeof(long)) / size)
            {
                throw Problem(source, $"cut off in storage {CheckpointException.Quote(key)}", $"{count} elements", $"{rest.Length} bytes");
            }

            storages[key] = rest.Slice(sizeof(long), (int)count * size);
            rest = rest[(sizeof(long) + ((int)count * size))..];
        }

        return new TorchFile(value, storages);
    }

    // Each value once: a pickle may hold one in many places, or in itself.
    private static void FindSizes(object? root, Dictionary<string, int> sizes, HashSet<object> seen)
    {
        var left = new Stack<object?>([root]);
        while (left.TryPop(out var value))
        {
            IEnumerable<object?> parts = value switch
            {
                PickledDictionary dictionary => dictionary.Entries.Select(entry => entry.Value),
                PickledList list => list.Items,
                PickledTuple tuple => tuple.Items,
                _ => [],
            };
            if (value is TorchTensor { Storage: var storage })
            {
                sizes[storage.Key] = storage.DType.BitCount() / 8;
            }
            else if (value is not null && seen.Add(value))
            {
                foreach (var part in parts)
                {
                    left.Push(part);
                }
            }
        }
    }

    private static CheckpointException Problem(string source, string what, string expected, string got) =>
        new(source, what, expected, got, "The file is damaged or was not written by torch.save; use another copy.");
}
