using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn datasets</c>: the data sets, and where they are or may be had.</summary>
internal static class DatasetsCommand
{
    public static Command Create(CliServices services)
    {
        var data = CommonOptions.Value("--data-dir", "folder", "Folder to look in first. Default: only the usual places");
        return SimpleCommand.Create(
            "datasets", "List the data sets, where each was found, and how to get the others.", services, [data],
            (reader, writer, _) =>
            {
                var folder = reader.ExistingFolder(data, services.WorkingDirectory);
                reader.ThrowIfProblems();
                var entries = services.Datasets.List(folder);
                writer.Write(entries, () => CreateTable(entries));
                return Task.FromResult(ExitCode.Done);
            });
    }

    private static Table CreateTable(IReadOnlyList<DatasetEntry> entries)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("data set", "training", "test", "classes", "image", "folder");
        foreach (var entry in entries)
        {
            table.AddRow(
                new Text(entry.Name),
                new Text(Format.Count(entry.TrainSamples)),
                new Text(Format.Count(entry.TestSamples)),
                new Text(Format.Count(entry.Classes)),
                new Text(string.Join('x', entry.Shape)),
                new Text(entry.Directory ?? $"not found{(entry.Hint is null ? "" : ": " + entry.Hint)}"));
        }

        return table;
    }
}
