namespace Lcnn.Distributed.Data.Parquet;

/// <summary>A column of values.</summary>
/// <param name="Index">Among those of a row group.</param>
/// <param name="Path">Names from the outermost on, with dots between.</param>
/// <param name="Type">How a value is stored.</param>
/// <param name="Definition">The level at which a value is there; 0 where it always is.</param>
/// <param name="IsRepeated">Whether a row may have several.</param>
internal sealed record ParquetColumn(int Index, string Path, ParquetType Type, int Definition, bool IsRepeated)
{
    private const int Optional = 1;
    private const int Repeated = 2;
    private const int DeepestSchema = 32;

    /// <summary>The columns of a schema, which lists its elements depth first.</summary>
    public static IReadOnlyList<ParquetColumn> Of(IReadOnlyList<ThriftStruct> schema)
    {
        var (columns, next) = (new List<ParquetColumn>(), 1);
        Add(schema, columns, ref next, schema.Count == 0 ? 0 : schema[0].Number(5) ?? 0, "", 0, false, 0);
        return columns;
    }

    private static void Add(
        IReadOnlyList<ThriftStruct> schema, List<ParquetColumn> columns, ref int next, long children, string prefix, int definition, bool isRepeated, int depth)
    {
        if (depth > DeepestSchema)
        {
            throw new InvalidDataException("columns lie too deep");
        }

        for (var i = 0L; i < children; i++)
        {
            if (next == schema.Count)
            {
                throw new InvalidDataException("a schema that ends too early");
            }

            var element = schema[next++];
            var (path, repetition) = (prefix + element.Text(4), element.Number(3) ?? 0);
            var (level, repeats) = (definition + (repetition is Optional or Repeated ? 1 : 0), isRepeated || repetition == Repeated);
            if (element.Number(5) is { } inner and > 0)
            {
                Add(schema, columns, ref next, inner, path + ".", level, repeats, depth + 1);
            }
            else
            {
                columns.Add(new ParquetColumn(columns.Count, path, (ParquetType)element.Needed(1), level, repeats));
            }
        }
    }
}

/// <summary>How a value is stored, by the format's numbers.</summary>
internal enum ParquetType
{
    Boolean = 0,
    Int32 = 1,
    Int64 = 2,
    Int96 = 3,
    Float = 4,
    Double = 5,
    Bytes = 6,
    FixedBytes = 7,
}
