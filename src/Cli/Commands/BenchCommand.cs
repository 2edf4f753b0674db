using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Networks;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn bench step</c>: the time of a training step beside that of a plain ReLU network.</summary>
internal static class BenchCommand
{
    private const int Rounds = 30;
    private const int BatchSize = 64;

    // The peers are residual networks.
    private static readonly string[] _families = [.. NetworkCatalog.Names.Where(name => !name.Contains('-') && NetworkCatalog.Find(name)!.Layers.Any(layer => layer.Kind == "residual"))];

    public static Command Create(CliServices services) =>
        new("bench", "Measure speed on this machine.")
        {
            CreateStep(services), AllReduceCommand.Create(services), AllReduceCommand.CreateServe(services), ScalingCommand.Create(services),
            NetworkBenchCommand.Create(services), PingCommand.Create(services), SweepBenchCommand.Create(services),
        };

    private static Command CreateStep(CliServices services)
    {
        var family = CommonOptions.Value("--arch", "name", $"Family of the networks, one of {string.Join(", ", _families)}. Default: {_families[0]}");
        var image = CommonOptions.Value("--image", "CxHxW", "Channels, height and width of a sample. Default: 1x28x28");
        var batchSize = CommonOptions.Value("--batch-size", "n", $"Samples of a step. Default: {BatchSize}");
        var threads = CommonOptions.Value("--threads", "n", "Threads that compute. Default: 1");
        var rounds = CommonOptions.Value("--rounds", "n", $"Turns that every variant is timed for. Default: {Rounds}");
        var device = CommonOptions.Device();
        return SimpleCommand.Create(
            "step", "Time training steps beside a ReLU network from stock TorchSharp modules and beside the authors' own operations on the same libtorch.", services,
            [family, image, batchSize, threads, rounds, device],
            async (reader, writer, cancellationToken) =>
            {
                var request = new StepBenchmarkRequest(
                    reader.Choice(family, _families) ?? _families[0],
                    reader.Dimensions(image) ?? [1, 28, 28],
                    reader.WholeNumber(batchSize, minimum: 16) ?? BatchSize,
                    reader.WholeNumber(threads, minimum: 1) ?? 1,
                    reader.WholeNumber(rounds, minimum: 1) ?? Rounds,
                    reader.Device(device) ?? "cpu");
                reader.ThrowIfProblems();
                var report = await services.StepBenchmark.MeasureAsync(request, cancellationToken);
                writer.Write(report, () => CreateTable(request, report));
                return ExitCode.Done;
            });
    }

    private static Table CreateTable(StepBenchmarkRequest request, StepBenchmarkReport report)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("step", "ms", "samples/s", "ratio to stock ReLU", "peak MB");
        table.Title(Markup.Escape(
            $"{request.Family}, {request.BatchSize} samples of {string.Join('x', request.Image)}, {Format.Count(request.Threads)} thread(s), medians of {request.Rounds} turns: {(request.Device == "cpu" ? report.Processor : request.Device)}"));
        foreach (var timing in report.Timings)
        {
            table.AddRow(
                new Text(timing.Variant),
                new Text(Format.Number(timing.Milliseconds)),
                new Text(Format.Count((long)timing.SamplesPerSecond)),
                new Text(Format.Number(Math.Round(timing.Ratio, 2))),
                new Text(timing.PeakMegabytes is { } peak ? Format.Count((long)peak) : ""));
        }

        return table;
    }
}
