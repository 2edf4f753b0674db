using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Wire;

namespace Lcnn.Distributed.Data.Series;

/// <summary>The history of a run in its folder: one block after another, each with its length and its SHA-256.</summary>
/// <remarks>One that is half written, of a process that was killed, is as if it were not there: the next writer goes on before it.</remarks>
public sealed class SeriesFile
{
    private readonly string _path;
    private long _end; // where this one left it

    /// <param name="path">Where it is, or will be with the first block.</param>
    public SeriesFile(string path) => _path = Path.GetFullPath(path);

    /// <summary>The blocks, read as they are asked for. What was stored twice, by two writers that did not know of each other, is told once.</summary>
    /// <exception cref="DataFileException">It is no such file, or is damaged before its end.</exception>
    public static IEnumerable<SeriesBlock> Read(string path)
    {
        var join = new SeriesJoin();
        foreach (var (_, block) in ReadAfter(path, null))
        {
            if (join.Take(block) is { } fresh)
            {
                yield return fresh;
            }
        }
    }

    /// <summary>The blocks behind one that was read before, as they are stored: <see cref="SeriesJoin"/> makes one history of them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="after">Null for all of them.</param>
    /// <exception cref="DataFileException">As with <see cref="Read"/>.</exception>
    public static IEnumerable<(BlockPlace Place, SeriesBlock Block)> ReadAfter(string path, BlockPlace? after) =>
        SeriesFrames.Read(path, after).Select(frame => (frame.Place, Decode(path, frame.Place, frame.Payload)));

    /// <summary>Whether a block that was read before is still there, and so all before it.</summary>
    public static bool Has(string path, BlockPlace place) => File.Exists(path) && SeriesFrames.Has(path, place);

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
        var end = _end > 0 && file.Length == _end ? _end : SeriesFrames.EndOf(file);
        file.SetLength(end);
        file.Position = end;
        try
        {
            file.Write(frame);
            _end = file.Position;
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
            kept.Write(SeriesFrames.Magic);
            foreach (var block in Read(_path).Select(block => block.Within(0, step)).Where(block => block.Steps.Count + block.Notes.Count > 0))
            {
                kept.Write(Frame(block));
            }
        }

        File.Move(temporary, _path, overwrite: true);
    }

    private static byte[] Frame(SeriesBlock block) => SeriesFrames.Frame(SeriesCoding.Encode(block));

    private static SeriesBlock Decode(string path, BlockPlace place, byte[] payload)
    {
        try
        {
            return SeriesCoding.Decode(payload);
        }
        catch (WireFormatException exception)
        {
            throw new DataFileException(path, $"a block at byte {place.Offset}", $"other bytes: {exception.Message}", SeriesFrames.Advice, exception);
        }
    }
}
