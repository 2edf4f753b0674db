using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace Lcnn.Distributed.Client.Recording.TensorBoard;

/// <summary>An event file as TensorBoard reads it: messages of tensorflow's <c>event.proto</c> in the frames of its <c>record_writer.cc</c>.</summary>
internal sealed class EventFile : IDisposable
{
    private const string Version = "brain.Event:2"; // from which on a start purges what is newer
    private const int BufferBytes = 1 << 16;
    private const int WallTime = 1;
    private const int Step = 2;
    private const int FileVersion = 3;

    private static int _files;

    private readonly FileStream _file;

    /// <param name="folder">Made if it is not there.</param>
    /// <param name="begun">Readers take the files of a folder in this order.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    public EventFile(string folder, DateTimeOffset begun)
    {
        Directory.CreateDirectory(folder);
        var name = FormattableString.Invariant(
            $"events.out.tfevents.{begun.ToUnixTimeSeconds():D10}.{Environment.MachineName}.{Environment.ProcessId}.{Interlocked.Increment(ref _files) - 1}");
        _file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, BufferBytes);
        Append(ProtobufFields.Message(output =>
        {
            output.Field(WallTime, Seconds(begun));
            output.Field(FileVersion, Version);
        }));
    }

    /// <summary>Adds an event.</summary>
    /// <param name="time">When.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="field">Number of what is told in it.</param>
    /// <param name="write">What is told.</param>
    public void Append(DateTimeOffset time, long step, int field, Action<CodedOutputStream> write) => Append(ProtobufFields.Message(output =>
    {
        output.Field(WallTime, Seconds(time));
        output.Field(Step, step);
        output.Field(field, write);
    }));

    /// <summary>Lets readers see all so far.</summary>
    public void Flush() => _file.Flush();

    public void Dispose() => _file.Dispose();

    /// <summary>Seconds since 1970.</summary>
    public static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    private void Append(ReadOnlySpan<byte> record)
    {
        Span<byte> head = stackalloc byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(ulong)..], MaskedSum(head[..sizeof(ulong)]));
        Span<byte> tail = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedSum(record));
        _file.Write(head);
        _file.Write(record);
        _file.Write(tail);
    }

    // CRC-32C, turned around and shifted, since a sum over bytes that hold sums of their own is weak (tensorflow's crc32c.h).
    private static uint MaskedSum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return unchecked(BitOperations.RotateRight(~sum, 15) + 0xa282ead8);
    }
}
