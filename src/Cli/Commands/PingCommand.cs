using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn bench ping</c>: what an exchange of gradients does to the calls of the control plane.</summary>
internal static class PingCommand
{
    private const string Architecture = "resnet18-lcnn";
    private const int SamplesPerWorker = 4;
    private const int Pings = 1000;

    public static Command Create(CliServices services)
    {
        var dataset = CommonOptions.Value("--dataset", "name", "Data set. Default: fashion-mnist");
        var architecture = CommonOptions.Value("--arch", "name", $"Network. Default: {Architecture}, which sends 45 MB of gradients");
        var batch = CommonOptions.Value("--samples-per-worker", "n", $"Samples of a step and worker; few, so that steps mostly exchange. Default: {SamplesPerWorker}");
        var pings = CommonOptions.Value("--pings", "n", $"Calls of every variant, 10 ms apart. Default: {Pings}");
        return SimpleCommand.Create(
            "ping", "Time small calls to two silos: idle, while they train apart, and while they exchange gradients.", services,
            [dataset, architecture, batch, pings],
            async (reader, writer, cancellationToken) =>
            {
                var request = new PingRequest(
                    reader.Text(dataset) ?? "fashion-mnist",
                    reader.Text(architecture) ?? Architecture,
                    reader.WholeNumber(batch, minimum: 2) ?? SamplesPerWorker,
                    reader.WholeNumber(pings, minimum: 10) ?? Pings);
                reader.ThrowIfProblems();
                var report = await services.PingBenchmark.MeasureAsync(request, services.Error.WriteLine, cancellationToken);
                writer.Write(report, () => CreateTable(report));
                return ExitCode.Done;
            });
    }

    private static Table CreateTable(PingReport report)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("silos", "p50 ms", "p99 ms", "longest ms", "MB/s between ranks");
        foreach (var row in report.Rows)
        {
            table.AddRow(row.Variant, Number(row.P50), Number(row.P99), Number(row.Longest), Number(row.BytesSent / 1e6));
        }

        return table;
    }

    private static string Number(double value) => Format.Number(Math.Round(value, 2));
}
