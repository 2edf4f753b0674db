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
        return SimpleCommand.Create(
            "report", "Write a self-contained HTML report of a run, or of several beside each other, from their folders; no cluster is needed.", services, [folders, output],
            async (reader, writer, cancellationToken) =>
            {
                var runs = reader.Paths(folders, services.WorkingDirectory);
                var path = OutputFile.Read(reader, output, services);
                reader.ThrowIfProblems();
                path ??= Path.Combine(runs is [var only] ? only : services.WorkingDirectory, RunReports.FileName);
                await new RunReports(services).WriteAsync(runs, path, cancellationToken);
                writer.WriteLine(new RunReported(path, runs.Count), path);
                return ExitCode.Done;
            });
    }
}

/// <summary>What was written where.</summary>
internal sealed record RunReported(string Path, int Runs) : Report
{
    protected override string Kind => "reported";
}
