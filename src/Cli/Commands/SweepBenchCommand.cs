using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn bench sweep</c>: what a sweep adds to each of its runs.</summary>
internal static class SweepBenchCommand
{
    private const int Trials = 500;
    private const int TrainLimit = 64;

    public static Command Create(CliServices services)
    {
        var trials = CommonOptions.Value("--trials", "n", $"Trials, of one epoch each. Default: {Trials}");
        var limit = CommonOptions.Value("--train-limit", "n", $"Digits that a trial trains on. Default: {TrainLimit}");
        return SimpleCommand.Create(
            "sweep", "Time quick trials of a sweep, one at a time, beside the same runs made in a loop.", services, [trials, limit],
            async (reader, writer, cancellationToken) =>
            {
                var request = new SweepBenchmarkRequest(
                    reader.WholeNumber(trials, minimum: 10) ?? Trials, reader.WholeNumber(limit, minimum: 4) ?? TrainLimit);
                reader.ThrowIfProblems();
                var report = await services.SweepBenchmark.MeasureAsync(request, services.Error.WriteLine, cancellationToken);
                writer.Write(report, () => ReportWriter.Pairs(
                    ("runs in a loop", $"{Format.Number(Math.Round(report.LoopMilliseconds, 1))} ms each"),
                    ("trials of a sweep", $"{Format.Number(Math.Round(report.SweepMilliseconds, 1))} ms each"),
                    ("added", $"{Format.Number(Math.Round(report.AddedMilliseconds, 1))} ms each"),
                    ("resident memory", $"{report.MegabytesAtFirst:0} MB after a tenth of the trials, {report.MegabytesAtLast:0} MB at the end")));
                return ExitCode.Done;
            });
    }
}
