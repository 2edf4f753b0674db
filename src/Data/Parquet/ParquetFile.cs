using System.Buffers.Binary;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Parquet;

/// <summary>Reads columns of bytes and of whole numbers out of a Parquet file, page by page.</summary>
/// <remarks>Written for this: a general reader takes the sizes that a file claims at their word. Plain and dictionary encodings; no lists.</remarks>
internal sealed class ParquetFile : IDisposable
{
    private const int MagicBytes = 4;
    private const int LargestFooter = 1 << 23;
    private const string Advice = "Write it anew, as with pyarrow.parquet.write_table or datasets' to_parquet";

    private readonly FileStream _file;
    private readonly IReadOnlyList<ThriftStruct> _rowGroups;

    /// <summary>Opens a file and reads its footer.</summary>
    /// <exception cref="DataFileException">It cannot be read, or is no Parquet file.</exception>
    public ParquetFile(string path)
    {
        Path = path;
        try
        {
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(path, "a readable file", exception.Message, "Check the path and its permissions", exception);
        }

        try
        {
            var footer = Guard(ReadFooter);
            Columns = Guard(() => ParquetColumn.Of(footer.Structs(2)));
            _rowGroups = footer.Structs(4);
            Metadata = footer.Structs(5).GroupBy(entry => entry.Text(1)).ToDictionary(entries => entries.Key, entries => entries.First().Text(2));
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Its columns.</summary>
    public IReadOnlyList<ParquetColumn> Columns { get; }

    /// <summary>What its writer noted.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The bytes of every row of a column.</summary>
    public IEnumerable<(bool IsThere, ReadOnlyMemory<byte> Value)> ReadBytes(ParquetColumn column) => Read(column, chunk => chunk.ReadBytes());

    /// <summary>The whole number of every row of a column.</summary>
    public IEnumerable<(bool IsThere, long Value)> ReadNumbers(ParquetColumn column) => Read(column, chunk => chunk.ReadNumbers());

    /// <summary>An error about the file.</summary>
    public DataFileException Problem(string expected, string got, string advice = Advice, Exception? cause = null) => new(Path, expected, got, advice, cause);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private IEnumerable<(bool IsThere, T Value)> Read<T>(ParquetColumn column, Func<ColumnChunk, IEnumerable<(bool, T)>> read)
    {
        var bytes = 0L;
        foreach (var rowGroup in _rowGroups)
        {
            // Row groups share no bytes: else a small footer could tell of rows without end.
            var chunk = Guard(() => new ColumnChunk(_file, column, MetadataOf(rowGroup, column)));
            bytes = Guard(() => checked(bytes + Math.Max(0, chunk.Bytes)));
            if (bytes > _file.Length)
            {
                throw Problem($"at most {_file.Length} bytes of {column.Path}", "more");
            }

            using var rows = read(chunk).GetEnumerator();
            while (Guard(rows.MoveNext))
            {
                yield return rows.Current;
            }
        }
    }

    private static ThriftStruct MetadataOf(ThriftStruct rowGroup, ParquetColumn column)
    {
        var metadata = rowGroup.Structs(1).ElementAtOrDefault(column.Index)?.Struct(3) ?? throw new InvalidDataException($"a row group without {column.Path}");
        return string.Join('.', metadata.Texts(3)) == column.Path && metadata.Number(1) == (long)column.Type
            ? metadata
            : throw new InvalidDataException($"a row group with {string.Join('.', metadata.Texts(3))} in place of {column.Path}");
    }

    private ThriftStruct ReadFooter()
    {
        var (ends, length) = (new byte[MagicBytes + MagicBytes], _file.Length);
        if (length < 3 * MagicBytes)
        {
            throw new InvalidDataException($"{length} bytes");
        }

        _file.Position = length - ends.Length;
        _file.ReadExactly(ends);
        if (ends.AsSpan(MagicBytes) is not [(byte)'P', (byte)'A', (byte)'R', (byte)'1'])
        {
            throw new InvalidDataException("another ending than PAR1");
        }

        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(ends);
        if (bytes > length - (3 * MagicBytes) || bytes > LargestFooter)
        {
            throw new InvalidDataException($"a footer of {bytes} bytes in a file of {length}");
        }

        _file.Position = length - ends.Length - bytes;
        return new ThriftReader(GrowingBuffer.ReadUpTo(_file, bytes)).ReadStruct();
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or InvalidOperationException or OverflowException)
        {
            throw Problem("an intact Parquet file", exception.Message.TrimEnd('.'), cause: exception);
        }
    }
}
