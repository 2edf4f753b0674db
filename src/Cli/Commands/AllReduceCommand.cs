using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn bench allreduce</c>: the time of a sum over ranks, transport by transport.</summary>
internal static class AllReduceCommand
{
    private const int Ranks = 2;
    private const int Rounds = 20;

    private static readonly string[] _transports = ["memory", "stream", "grain"];
    private static readonly double[] _megabytes = [1, 8, 45];

    public static Command Create(CliServices services)
    {
        var ranks = CommonOptions.Value("--ranks", "n", $"Ranks; each is a process with stream, a silo with grain. Default: {Ranks}");
        var megabytes = CommonOptions.Value("--megabytes", "list", "Sizes of the summed buffer in 10^6 bytes. Default: 1,8,45");
        var transport = CommonOptions.Value("--transport", "list", $"Out of {string.Join(", ", _transports)}. Default: all");
        var rounds = CommonOptions.Value("--rounds", "n", $"Timed rounds of every size. Default: {Rounds}");
        return SimpleCommand.Create(
            "allreduce", "Time sums over ranks: every rank's buffer to the owners of its parts, the sums to all.", services,
            [ranks, megabytes, transport, rounds],
            async (reader, writer, cancellationToken) =>
            {
                var request = new AllReduceRequest(
                    reader.WholeNumber(ranks, minimum: 2) ?? Ranks,
                    reader.List(megabytes, ReadSize, "positive numbers such as 1,8,45") ?? _megabytes,
                    reader.List(transport, _transports) ?? _transports,
                    reader.WholeNumber(rounds, minimum: 1) ?? Rounds);
                reader.ThrowIfProblems();
                var report = await services.AllReduceBenchmark.MeasureAsync(request, cancellationToken);
                writer.Write(report, () => CreateTable(report));
                return ExitCode.Done;
            });
    }

    public static Command CreateServe(CliServices services)
    {
        var command = new Command(IAllReduceBenchmark.ServeName, "One process of allreduce.") { Hidden = true };
        command.SetAction(async (_, cancellationToken) =>
        {
            await services.AllReduceBenchmark.ServeAsync(services.In, services.Out, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<double> ReadSize(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var size) && size is > 0 and < 1e4 ? [size] : [];

    private static Table CreateTable(AllReduceReport report)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("transport", "ranks", "MB", "ms", "best ms", "GB/s", "allocated bytes");
        foreach (var row in report.Rows)
        {
            table.AddRow(
                row.Transport, Format.Count(row.Ranks), Format.Number(row.Megabytes), Format.Number(Math.Round(row.Milliseconds, 2)),
                Format.Number(Math.Round(row.BestMilliseconds, 2)), Format.Number(Math.Round(row.GigabytesPerSecond, 3)), Format.Count(row.AllocatedBytes));
        }

        return table;
    }
}
