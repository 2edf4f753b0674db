using System.Globalization;
using CsvHelper;

namespace Lcnn.Distributed.Cli.Export;

/// <summary>Fields of a row, after RFC 4180.</summary>
internal static class CsvRow
{
    /// <summary>Writes a row.</summary>
    /// <param name="fields">Null is left empty.</param>
    public static void Write(CsvWriter csv, IEnumerable<string?> fields)
    {
        foreach (var field in fields)
        {
            csv.WriteField(field);
        }

        csv.NextRecord();
    }

    /// <summary>A number with all its digits; nothing where there is none.</summary>
    public static string? Number(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : null;
}
