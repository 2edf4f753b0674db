using System.Globalization;
using CsvHelper;
using Lcnn.Distributed.Client.Recording;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Export;

/// <summary>The series of runs: a row for each step, epoch and end, a column for each number under the name that TensorBoard and MLflow have it by; what a row does not have is left empty.</summary>
internal static class RunCsv
{
    private static readonly string[] _first = ["run", "event", "step", "time"];

    /// <summary>Writes the header and the rows, run by run.</summary>
    /// <param name="runs">Each with its name, and its events as often as they are asked for: names are gathered first.</param>
    public static void Write(IReadOnlyList<(string Name, Func<IEnumerable<RunEvent>> Events)> runs, TextWriter output)
    {
        var tags = runs.SelectMany(run => run.Events()).SelectMany(RunScalars.Of).Select(scalar => scalar.Tag).Distinct().Order(StringComparer.Ordinal).ToList();
        using var csv = new CsvWriter(output, CultureInfo.InvariantCulture, leaveOpen: true);
        CsvRow.Write(csv, [.. _first, .. tags]);
        foreach (var (name, events) in runs)
        {
            foreach (var one in events())
            {
                var scalars = RunScalars.Of(one);
                if (scalars.Count > 0)
                {
                    var values = scalars.ToDictionary(scalar => scalar.Tag, scalar => CsvRow.Number(scalar.Value));
                    CsvRow.Write(csv,
                    [
                        name, KindOf(one), scalars[0].Step.ToString(CultureInfo.InvariantCulture), one.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffK", CultureInfo.InvariantCulture),
                        .. tags.Select(values.GetValueOrDefault),
                    ]);
                }
            }
        }
    }

    private static string KindOf(RunEvent one) => one switch
    {
        StepCompleted => "step",
        EpochCompleted => "epoch",
        _ => "completed",
    };
}
