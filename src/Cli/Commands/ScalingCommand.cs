using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn bench scaling</c>: the workers of one run against as many runs that never wait for each other.</summary>
internal static class ScalingCommand
{
    private const int Workers = 2;
    private const int SamplesPerWorker = 64;
    private const int Steps = 40;
    private const int Rounds = 5;
    private const int MostSteps = 200;

    private static readonly string[] _processes = ["turns", "fresh"];

    public static Command Create(CliServices services)
    {
        var workers = CommonOptions.Value("--workers", "n", $"Workers of the run, each on one thread. Default: {Workers}");
        var shards = CommonOptions.Value("--shards", "n", "V of that run. Default: one a worker");
        var batch = CommonOptions.Value("--samples-per-worker", "n", $"Samples of a step and worker. Default: {SamplesPerWorker}");
        var dataset = CommonOptions.Value("--dataset", "name", "Data set. Default: fashion-mnist");
        var architecture = CommonOptions.Value("--arch", "name", "Network. Default: resnet8-lcnn");
        var loss = CommonOptions.Value("--loss", "name", "Objective. Default: the network's");
        var batchNorm = CommonOptions.Value("--batch-norm", "name", $"{string.Join(" or ", Names.BatchNorms)}: whose statistics batch norms take. Default: shard");
        var steps = CommonOptions.Value("--steps", "n", $"Timed steps of a turn, at most {MostSteps}. Default: {Steps}");
        var rounds = CommonOptions.Value("--rounds", "n", $"Turns of every variant. Default: {Rounds}");
        var processes = CommonOptions.Value("--processes", "list", "turns (the same processes throughout), fresh (new ones for every turn). Default: both");
        return SimpleCommand.Create(
            "scaling", "Time N workers of one run beside N independent runs of one worker, with the same samples in a shard.", services,
            [workers, shards, batch, dataset, architecture, loss, batchNorm, steps, rounds, processes],
            async (reader, writer, cancellationToken) =>
            {
                var count = reader.WholeNumber(workers, minimum: 2) ?? Workers;
                var network = reader.Text(architecture) ?? "resnet8-lcnn";
                var request = new ScalingRequest(
                    count,
                    reader.WholeNumber(shards, minimum: count) ?? count,
                    reader.WholeNumber(batch, minimum: 2) ?? SamplesPerWorker,
                    reader.Text(dataset) ?? "fashion-mnist",
                    network,
                    reader.Text(loss) ?? Recipes.DefaultLoss(network),
                    reader.Choice(batchNorm, Names.BatchNorms) ?? "shard",
                    (int?)reader.LongNumber(steps, 1, MostSteps) ?? Steps,
                    reader.WholeNumber(rounds, minimum: 1) ?? Rounds,
                    reader.List(processes, _processes) ?? _processes);
                if (request.Shards % count != 0)
                {
                    reader.Add(shards, $"expected a multiple of the {count} workers, got {request.Shards}");
                }

                reader.ThrowIfProblems();
                var report = await services.ScalingBenchmark.MeasureAsync(request, services.Error.WriteLine, cancellationToken);
                writer.Write(report, () => CreateTable(report));
                return ExitCode.Done;
            });
    }

    private static Table CreateTable(ScalingReport report)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns(
            "processes", "variant", "samples/s", "least..most", "efficiency", "data ms", "forward", "backward", "exchange", "owner", "kB sent");
        foreach (var row in report.Rows)
        {
            table.AddRow(
                row.Processes, row.Variant, Format.Count((long)row.SamplesPerSecond), $"{row.Least:0}..{row.Most:0}",
                Format.Number(Math.Round(row.Efficiency ?? double.NaN, 3)), Milliseconds(row.Phases.Data), Milliseconds(row.Phases.Forward),
                Milliseconds(row.Phases.Backward), Milliseconds(row.Phases.Exchange), Milliseconds(row.Phases.Owner), Format.Count((long)(row.Phases.BytesSent / 1e3)));
        }

        return table;
    }

    private static string Milliseconds(double time) => Format.Number(Math.Round(time, 1));
}
