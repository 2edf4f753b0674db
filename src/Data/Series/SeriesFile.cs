using System.Buffers.Binary;
using System.Security.Cryptography;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Wire;

namespace Lcnn.Distributed.Data.Series;

/// <summary>The history of a run in its folder: one block after another, each with its length and its SHA-256.</summary>
/// <remarks>One that is half written, of a process that was killed, is as if it were not there: the next writer goes on before it.</remarks>
public sealed class SeriesFile
{
    private const string Advice = "Its history is lost from there on; delete this file, training goes on without it";
    private const int HashBytes = 32;
    private const int FrameBytes = sizeof(int) + HashBytes;
    private const int MostBytes = 64 << 20;
    private static readonly byte[] _magic = [.. "LCNNSER1"u8];

    private readonly string _path;

    /// <param name="path">Where it is, or will be with the first block.</param>
    public SeriesFile(string path) => _path = Path.GetFullPath(path);

    /// <summary>The blocks, read as they are asked for. What was stored twice, by two writers that did not know of each other, is told once.</summary>
    /// <exception cref="DataFileException">It is no such file, or is damaged before its end.</exception>
    public static IEnumerable<SeriesBlock> Read(string path)
    {
        var (last, sequences) = (0L, new Dictionary<string, long>());
        foreach (var block in Frames(path).Select(frame => Decode(path, frame)))
        {
            if (block.LastSequence > sequences.GetValueOrDefault(block.RunId))
            {
                sequences[block.RunId] = block.LastSequence;
                var fresh = block.Within(last, long.MaxValue);
                last = fresh.Steps is [.., var newest] ? newest : last;
                yield return fresh;
            }
        }
    }

    /// <summary>Where its history ends; null without any.</summary>
    /// <exception cref="DataFileException">As with <see cref="Read"/>.</exception>
    public SeriesEnd? ReadEnd()
    {
        SeriesEnd? end = null;
        foreach (var block in File.Exists(_path) ? Read(_path) : [])
        {
            end = (end ?? default).With(block);
        }

        return end;
    }

    /// <summary>Adds a block at its end.</summary>
    /// <exception cref="IOException">The disk refused; nothing was added.</exception>
    /// <exception cref="DataFileException">It is no such file.</exception>
    public void Append(SeriesBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        var frame = Frame(block);
        using var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1);
        var end = EndOf(file);
        file.SetLength(end);
        file.Position = end;
        try
        {
            file.Write(frame);
        }
        catch
        {
            file.SetLength(end);
            throw;
        }
    }

    /// <summary>Forgets what came after a step, all or nothing.</summary>
    /// <exception cref="IOException">The disk refused; it is as it was.</exception>
    /// <exception cref="DataFileException">As with <see cref="Read"/>.</exception>
    public void CutAfter(long step)
    {
        if (!File.Exists(_path))
        {
            return;
        }

        var temporary = _path + ".tmp";
        using (var kept = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            kept.Write(_magic);
            foreach (var block in Read(_path).Select(block => block.Within(0, step)).Where(block => block.Steps.Count + block.Notes.Count > 0))
            {
                kept.Write(Frame(block));
            }
        }

        File.Move(temporary, _path, overwrite: true);
    }

    private static byte[] Frame(SeriesBlock block)
    {
        var payload = SeriesCoding.Encode(block);
        var frame = new byte[FrameBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        SHA256.HashData(payload, frame.AsSpan(sizeof(int), HashBytes));
        payload.CopyTo(frame, FrameBytes);
        return frame;
    }

    private static SeriesBlock Decode(string path, (long Offset, byte[] Payload) frame)
    {
        try
        {
            return SeriesCoding.Decode(frame.Payload);
        }
        catch (WireFormatException exception)
        {
            throw new DataFileException(path, $"a block at byte {frame.Offset}", $"other bytes: {exception.Message}", Advice, exception);
        }
    }

    // The last one may be half written, whichever half.
    private static IEnumerable<(long Offset, byte[] Payload)> Frames(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        CheckMagic(file);
        while (NextLength(file) is { } length)
        {
            var (offset, hash, payload) = (file.Position - sizeof(int), new byte[HashBytes], new byte[length]);
            file.ReadExactly(hash);
            file.ReadExactly(payload);
            if (!SHA256.HashData(payload).AsSpan().SequenceEqual(hash))
            {
                if (file.Position == file.Length)
                {
                    yield break;
                }

                throw new DataFileException(path, $"at byte {offset} a block with SHA-256 {Convert.ToHexStringLower(hash)}", "another", Advice);
            }

            yield return (offset, payload);
        }
    }

    private static long EndOf(FileStream file)
    {
        if (file.Length < _magic.Length)
        {
            file.SetLength(0);
            file.Write(_magic);
            return _magic.Length;
        }

        CheckMagic(file);
        var end = file.Position;
        while (NextLength(file) is { } length)
        {
            var whole = file.Position + HashBytes + length;
            if (whole == file.Length && !IsWhole(file, length))
            {
                break;
            }

            file.Position = end = whole;
        }

        return end;
    }

    private static bool IsWhole(FileStream file, int length)
    {
        var (hash, payload) = (new byte[HashBytes], new byte[length]);
        file.ReadExactly(hash);
        file.ReadExactly(payload);
        return SHA256.HashData(payload).AsSpan().SequenceEqual(hash);
    }

    // Null where no whole block follows.
    private static int? NextLength(FileStream file)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        if (file.Length - file.Position < FrameBytes)
        {
            return null;
        }

        var offset = file.Position;
        file.ReadExactly(bytes);
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length == 0 ? null // a disk that lost its power fills up with zeros
            : length is < 0 or > MostBytes ? throw new DataFileException(file.Name, $"the length of a block at byte {offset}", $"{length}", Advice)
            : file.Length - file.Position - HashBytes < length ? null
            : length;
    }

    private static void CheckMagic(FileStream file)
    {
        var magic = new byte[_magic.Length];
        if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.AsSpan().SequenceEqual(_magic))
        {
            throw new DataFileException(file.Name, "the history of a run", "another file", "Move it away, or choose another folder");
        }
    }
}

/// <summary>Where a history ends.</summary>
/// <param name="RunId">The run that made the newest part.</param>
/// <param name="LastSequence">Number of its newest event there.</param>
/// <param name="Step">Steps done by then.</param>
public readonly record struct SeriesEnd(string RunId, long LastSequence, long Step)
{
    /// <summary>Where it ends with a block behind it.</summary>
    public SeriesEnd With(SeriesBlock block) => new(block.RunId, block.LastSequence, block.Steps is [.., var last] ? last : Step);
}
