using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Hosting;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn bench step</c>: the time of a training step beside that of the plain network.</summary>
internal static class BenchCommand
{
    private const int Steps = 50;
    private const int WarmupSteps = 10;

    public static Command Create(CliServices services) =>
        new("bench", "Measure speed on this machine.") { CreateStep(services) };

    private static Command CreateStep(CliServices services)
    {
        var options = new TrainOptions();
        var steps = CommonOptions.Value("--steps", "n", $"Steps that are timed. Default: {Steps}");
        var warmup = CommonOptions.Value("--warmup", "n", $"Steps before the clock starts. Default: {WarmupSteps}");
        return SimpleCommand.Create(
            "step", "Time training steps of one worker, beside the plain ReLU network of the same shape.", services,
            [options.Dataset, options.DataDirectory, options.Architecture, options.Loss, options.BatchSize, options.Shards, options.Threads, steps, warmup],
            async (reader, writer, cancellationToken) =>
            {
                var spec = ReadSpec(reader, options, services);
                var request = new StepBenchmarkRequest(
                    Compared(spec), reader.WholeNumber(steps, minimum: 1) ?? Steps, reader.WholeNumber(warmup, minimum: 0) ?? WarmupSteps);
                reader.ThrowIfProblems();
                var report = await services.StepBenchmark.MeasureAsync(request, cancellationToken);
                writer.Write(report, () => CreateTable(report));
                return ExitCode.Done;
            });
    }

    private static RunSpec ReadSpec(ArgumentReader reader, TrainOptions options, CliServices services)
    {
        var recipe = Recipes.Default(reader.Text(options.Dataset) ?? "digits", reader.Text(options.Architecture) ?? "resnet8-lcnn");
        var spec = recipe with
        {
            DataDirectory = reader.ExistingFolder(options.DataDirectory, services.WorkingDirectory),
            Loss = reader.Text(options.Loss) ?? recipe.Loss,
            BatchSize = reader.WholeNumber(options.BatchSize) ?? recipe.BatchSize,
            LogicalShards = reader.WholeNumber(options.Shards) ?? recipe.LogicalShards,
            Workers = 1,
            ThreadsPerWorker = reader.WholeNumber(options.Threads, minimum: 1) ?? services.ProcessorCount,
        };
        foreach (var problem in spec.Validate())
        {
            reader.Add(ArgumentProblem.Of(problem));
        }

        return spec;
    }

    // Only resnet8 has a ReLU form; the others are compared with the plain network they are made from.
    private static IReadOnlyList<RunSpec> Compared(RunSpec spec)
    {
        var plain = spec.Architecture.Replace("-lcnn", "", StringComparison.Ordinal);
        var baseline = Names.Architectures.Contains(plain + "-relu") ? plain + "-relu" : plain;
        return baseline == spec.Architecture ? [spec] : [spec, spec with { Architecture = baseline, Loss = "ce" }];
    }

    private static Table CreateTable(StepBenchmarkReport report)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("network", "loss", "batch", "shards", "threads", "ms/step", "samples/s", "ratio");
        foreach (var timing in report.Timings)
        {
            table.AddRow(
                new Text(timing.Architecture),
                new Text(timing.Loss),
                new Text(Format.Count(timing.BatchSize)),
                new Text(Format.Count(timing.Shards)),
                new Text(Format.Count(timing.Threads)),
                new Text(Format.Number(timing.MedianMilliseconds)),
                new Text(Format.Count((long)timing.SamplesPerSecond)),
                new Text(Format.Number(Math.Round(timing.MedianMilliseconds / report.Timings[^1].MedianMilliseconds, 2))));
        }

        return table;
    }
}
