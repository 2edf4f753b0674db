using System.CommandLine;
using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn report</c>: the page of one run, or of several beside each other.</summary>
internal static class ReportCommand
{
    public static Command Create(CliServices services)
    {
        var folders = new Argument<string[]>("FOLDER") { Description = "Folders of runs, or the folder of a sweep that ran in a process of its own", Arity = ArgumentArity.OneOrMore };
        var output = CommonOptions.Value("--out", "file", $"File to write, replaced if it exists. Default: {RunReports.FileName}, in the folder of the run or sweep, of several runs here");
        var csv = CommonOptions.Value("--csv", "file", "Write every step, epoch and end to this file instead, a row each; it is replaced if it exists. Default: a page");
        var tensorBoard = CommonOptions.Value("--tensorboard", "folder", "Write the runs for TensorBoard instead, each to a folder of its name in this one. Default: a page");
        return SimpleCommand.Create(
            "report", "Write a self-contained HTML report of a run, of several beside each other, or of a sweep, from their folders; no cluster is needed.", services, [folders, output, csv, tensorBoard],
            async (reader, writer, cancellationToken) =>
            {
                var runs = reader.Paths(folders, services.WorkingDirectory);
                var (page, rows) = (OutputFile.Read(reader, output, services), OutputFile.Read(reader, csv, services));
                var events = OutputFolder.Read(reader, tensorBoard, services);
                var sweep = FindSweep(reader, folders, runs, wantsSteps: rows is not null || events is not null, isNamed: page is not null);
                reader.ThrowIfProblems();
                page ??= rows is null && events is null ? Path.Combine(runs is [var only] ? only : services.WorkingDirectory, RunReports.FileName) : null;
                if (page is not null)
                {
                    await WriteAsync(runs, sweep, page, services, cancellationToken);
                    writer.WriteLine(new RunReported(page, runs.Count), page);
                }

                var series = new RunExports(runs);
                if (rows is not null)
                {
                    series.WriteCsv(rows);
                    writer.WriteLine(new RunReported(rows, runs.Count), rows);
                }

                if (events is not null)
                {
                    await series.WriteTensorBoardAsync(events, cancellationToken);
                    writer.WriteLine(new RunReported(events, runs.Count), events);
                }

                return ExitCode.Done;
            });
    }

    // A sweep is drawn as a whole, and alone.
    private static SweepExport? FindSweep(ArgumentReader reader, Argument<string[]> folders, IReadOnlyList<string> paths, bool wantsSteps, bool isNamed)
    {
        var found = paths.Where(Directory.Exists).Select(path => (Path: path, Sweep: SweepReports.Find(path))).Where(one => one.Sweep is not null).ToList();
        foreach (var (path, _) in found)
        {
            if (paths.Count > 1 || wantsSteps)
            {
                reader.Add(new ArgumentProblem(folders.Name, $"'{path}' is the folder of a sweep: {(wantsSteps ? "steps are those of runs" : "it is drawn alone")}; give its trials, such as '{path}/trial-0001'"));
            }
            else if (!isNamed && File.Exists(Path.Combine(path, Comparison.FileName)))
            {
                reader.Add(new ArgumentProblem(folders.Name, $"'{path}' is the folder of a comparison, whose {RunReports.FileName} is of its methods; for one of its trials name another file with --out"));
            }
        }

        return found is [var only] ? only.Sweep : null;
    }

    private static Task WriteAsync(IReadOnlyList<string> runs, SweepExport? sweep, string page, CliServices services, CancellationToken cancellationToken)
    {
        if (sweep is null)
        {
            return new RunReports(services).WriteAsync(runs, page, cancellationToken);
        }

        SweepReports.Write(sweep, page);
        return Task.CompletedTask;
    }
}

/// <summary>What was written where.</summary>
internal sealed record RunReported(string Path, int Runs) : Report
{
    protected override string Kind => "reported";
}
