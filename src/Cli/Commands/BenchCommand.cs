using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn bench step</c>: the time of a training step beside that of a plain ReLU network.</summary>
internal static class BenchCommand
{
    private const int Rounds = 30;
    private const int BatchSize = 64;

    public static Command Create(CliServices services) =>
        new("bench", "Measure speed on this machine.")
        {
            CreateStep(services), AllReduceCommand.Create(services), AllReduceCommand.CreateServe(services), ScalingCommand.Create(services),
            PingCommand.Create(services), SweepBenchCommand.Create(services),
        };

    private static Command CreateStep(CliServices services)
    {
        var batchSize = CommonOptions.Value("--batch-size", "n", $"Samples of a step, 1x28x28. Default: {BatchSize}");
        var rounds = CommonOptions.Value("--rounds", "n", $"Turns that every variant is timed for. Default: {Rounds}");
        return SimpleCommand.Create(
            "step", "Time training steps on one thread, beside a ReLU network of the same shape from stock TorchSharp modules.", services,
            [batchSize, rounds],
            async (reader, writer, cancellationToken) =>
            {
                var request = new StepBenchmarkRequest(
                    reader.WholeNumber(batchSize, minimum: 16) ?? BatchSize, reader.WholeNumber(rounds, minimum: 1) ?? Rounds);
                reader.ThrowIfProblems();
                var report = await services.StepBenchmark.MeasureAsync(request, cancellationToken);
                writer.Write(report, () => CreateTable(report));
                return ExitCode.Done;
            });
    }

    private static Table CreateTable(StepBenchmarkReport report)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("step", "ms", "samples/s", "ratio to stock ReLU");
        foreach (var timing in report.Timings)
        {
            table.AddRow(
                new Text(timing.Variant),
                new Text(Format.Number(timing.Milliseconds)),
                new Text(Format.Count((long)timing.SamplesPerSecond)),
                new Text(Format.Number(Math.Round(timing.Ratio, 2))));
        }

        return table;
    }
}
