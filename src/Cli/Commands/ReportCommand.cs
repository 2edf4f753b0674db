using System.CommandLine;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn report</c>: the page of one run, or of several beside each other.</summary>
internal static class ReportCommand
{
    public static Command Create(CliServices services)
    {
        var folders = new Argument<string[]>("FOLDER") { Description = "Folders of runs", Arity = ArgumentArity.OneOrMore };
        var output = CommonOptions.Value("--out", "file", $"File to write, replaced if it exists. Default: {RunReports.FileName}, in the folder of the run, of several runs here");
        var csv = CommonOptions.Value("--csv", "file", "Write every step, epoch and end to this file instead, a row each; it is replaced if it exists. Default: a page");
        var tensorBoard = CommonOptions.Value("--tensorboard", "folder", "Write the runs for TensorBoard instead, each to a folder of its name in this one. Default: a page");
        return SimpleCommand.Create(
            "report", "Write a self-contained HTML report of a run, or of several beside each other, from their folders; no cluster is needed.", services, [folders, output, csv, tensorBoard],
            async (reader, writer, cancellationToken) =>
            {
                var runs = reader.Paths(folders, services.WorkingDirectory);
                var (page, rows) = (OutputFile.Read(reader, output, services), OutputFile.Read(reader, csv, services));
                var events = OutputFolder.Read(reader, tensorBoard, services);
                reader.ThrowIfProblems();
                page ??= rows is null && events is null ? Path.Combine(runs is [var only] ? only : services.WorkingDirectory, RunReports.FileName) : null;
                if (page is not null)
                {
                    await new RunReports(services).WriteAsync(runs, page, cancellationToken);
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
}

/// <summary>What was written where.</summary>
internal sealed record RunReported(string Path, int Runs) : Report
{
    protected override string Kind => "reported";
}
