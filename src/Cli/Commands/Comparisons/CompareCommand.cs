using System.CommandLine;
using System.Text.Json;
using Lcnn.Distributed.Cli.Commands.Sweeps;
using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Export.Comparisons;
using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary><c>lcnn compare</c>: methods and seeds on one data set, as a table like the paper's and a report.</summary>
internal static class CompareCommand
{
    private const string About = "Train the paper's methods on one data set, measure their networks, and write a table like the paper's and a report. Ctrl-C pauses it; exit code 1 if a network could not be trained.";

    public static Command Create(CliServices services)
    {
        var options = new CompareOptions();
        return SimpleCommand.Create("compare", About, services, options.All, async (reader, writer, cancellationToken) =>
        {
            var request = await new CompareArguments(reader, options, services).ReadAsync(cancellationToken);
            var files = new ComparisonReader(request, services);
            if (request.Stored is { Status.Phase: SweepPhase.Completed } finished)
            {
                var (known, paths) = await files.ReadAsync(new StoredSweepHandle(finished), new FolderOutcomes(request.Spec, services), cancellationToken);
                return await ShowAsync(known, paths, files, request, services, writer, cancellationToken);
            }

            var (code, read) = await RunAsync(request, files, services, writer);
            return read is null ? code : await ShowAsync(read.Value.Comparison, read.Value.Models, files, request, services, writer, cancellationToken);
        });
    }

    private static async Task<(int Code, (Comparison Comparison, IReadOnlyList<(string, string)> Models)? Read)> RunAsync(
        CompareRequest request, ComparisonReader files, CliServices services, ReportWriter writer)
    {
        if (request.SweepId is { } id)
        {
            new ClusterComparison(id, request.Spec).Save(request.Folder); // before there is a sweep that nobody could find again
        }

        if (request.Place is not RunPlace.Cluster)
        {
            services.Output.WorkUnseen(writer.IsJson);
        }

        (Comparison, IReadOnlyList<(string, string)>)? read = null;
        await using var display = SweepDisplay.Create(services, writer.IsJson);
        var session = new SweepSession(services, display)
        {
            AtEnd = async (sweep, launcher) => read = await files.ReadAsync(
                sweep, request.Place is RunPlace.Cluster ? new ClusterOutcomes(launcher, request.Folder) : new FolderOutcomes(request.Spec, services), CancellationToken.None),
        };
        var code = await session.StartAsync(request.Spec, request.SweepId, request.Place, request.Stored?.SweepId);
        return (code, read);
    }

    private static async Task<int> ShowAsync(
        Comparison comparison, IReadOnlyList<(string, string)> models, ComparisonReader files, CompareRequest request, CliServices services, ReportWriter writer,
        CancellationToken cancellationToken)
    {
        var insight = await files.LookAsync(models, cancellationToken);
        var report = ComparisonReport.Of(comparison);
        Directory.CreateDirectory(request.Folder);
        void Save(string name, Action<TextWriter> write) => OutputFile.Save(Path.Combine(request.Folder, name), write);
        Save("compare.md", file => ComparisonMarkdown.Write(comparison, file));
        Save("compare.csv", file => ComparisonCsv.Write(comparison, file));
        Save("compare.tex", file => ComparisonLatex.Write(comparison, file));
        Save(Comparison.FileName, file => file.WriteLine(JsonSerializer.Serialize(report, RunEventJson.Options)));
        Save("report.html", file => CompareHtmlReport.Write(comparison, insight, file));
        writer.Write(report, () => Table(comparison, request.Folder));
        var violations = comparison.Trials.Sum(trial => trial.Violations);
        if (violations > 0)
        {
            services.Error.WriteLine($"error: {Format.Counted(violations, "attack")} succeeded within a certified radius: the attack or the certificate is wrong; please report it with the models");
        }

        return violations > 0 || comparison.Trials.Any(trial => trial.Error is not null) ? ExitCode.Failed : ExitCode.Done;
    }

    private static Rows Table(Comparison comparison, string folder)
    {
        var laid = ComparisonTable.Of(comparison);
        var table = new Table().Border(TableBorder.Minimal).AddColumns("method", "runs");
        foreach (var column in laid.Columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.Heading)).RightAligned());
        }

        foreach (var row in laid.Rows)
        {
            table.AddRow([new Text(row.Method), new Text(row.Runs), .. laid.Columns.Zip(row.Figures, (column, figure) => new Text(column.Show(figure)))]);
        }

        return new Rows([
            table,
            .. OriginText.Lines(comparison).Select(line => new Text(line)),
            new Text($"written: {Path.Combine(folder, "report.html")}, compare.md, .csv, .json, .tex"),
        ]);
    }
}
