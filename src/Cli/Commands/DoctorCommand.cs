using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn doctor</c>: whether this machine can train, and with which numerics.</summary>
internal static class DoctorCommand
{
    public static Command Create(CliServices services) => SimpleCommand.Create(
        "doctor", "Show the machine, libtorch and the numerical fingerprint; exit code 1 if something is wrong.", services, [],
        async (reader, writer, cancellationToken) =>
        {
            reader.ThrowIfProblems();
            var report = await services.Diagnostics.InspectAsync(cancellationToken);
            writer.Write(report, () => CreateTable(report));
            return report.IsHealthy ? ExitCode.Done : ExitCode.Failed;
        });

    private static Table CreateTable(DiagnosticReport report)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("state", "name", "value");
        foreach (var finding in report.Findings)
        {
            table.AddRow(
                finding.IsFine ? new Text("ok", Style.Parse("green")) : new Text("!!", Style.Parse("red")),
                new Text(finding.Name),
                new Text(finding.Hint is null ? finding.Value : $"{finding.Value}: {finding.Hint}"));
        }

        return table;
    }
}
