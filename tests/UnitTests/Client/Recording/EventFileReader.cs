using System.Buffers.Binary;
using Tensorboard;

namespace Lcnn.Distributed.UnitTests.Client.Recording;

/// <summary>Reads event files by TensorFlow's published messages, as TorchSharp has them compiled, and by its description of the frames.</summary>
internal static class EventFileReader
{
    /// <summary>The events of every file in a folder, in the order in which TensorBoard reads them.</summary>
    public static IReadOnlyList<Event> ReadFolder(string folder) =>
        [.. Directory.GetFiles(folder, "events.out.tfevents.*").Order(StringComparer.Ordinal).SelectMany(file => Frames(File.ReadAllBytes(file))).Select(frame => Event.Parser.ParseFrom(frame))];

    /// <summary>Its numbers by tag and step.</summary>
    public static Dictionary<(string Tag, long Step), float> Scalars(IEnumerable<Event> events) => events
        .Where(one => one.Summary is not null)
        .SelectMany(one => one.Summary.Value.Where(value => value.Metadata is null).Select(value => ((value.Tag, one.Step), value.SimpleValue)))
        .ToDictionary(pair => pair.Item1, pair => pair.SimpleValue);

    private static IEnumerable<byte[]> Frames(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var record = file.AsSpan(at + 12, length).ToArray();
            Assert.Equal(Masked(record), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
            yield return record;
        }
    }

    // CRC-32C bit by bit, after RFC 3720, and the mask of tensorflow/core/lib/hash/crc32c.h.
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) != 0 ? (sum >> 1) ^ 0x82f63b78 : sum >> 1;
            }
        }

        sum = ~sum;
        return ((sum >> 15) | (sum << 17)) + 0xa282ead8;
    }
}
