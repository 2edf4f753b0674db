using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Sweeps;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary><c>lcnn sweep status</c>: where a sweep stands, with its leaderboard.</summary>
internal static class SweepStatusCommand
{
    public static Command Create(CliServices services)
    {
        return SweepReadCommand.Create("status", "Show where a sweep stands: counts, the best trials, free slots, time left.", services, [],
            async (reader, writer, read, cancellationToken) =>
            {
                reader.ThrowIfProblems();
                return await read(async sweep =>
                {
                    var status = await sweep.GetStatusAsync(cancellationToken);
                    var table = CreateTable(status);
                    writer.Write(new SweepStatusReport(status), () => table);
                    return ExitCode.Done;
                });
            });
    }

    private static Table CreateTable(SweepStatus status)
    {
        var trials = status.Trials;
        var table = new Table().Border(TableBorder.Minimal).AddColumns(
            "trial", "state", "epochs", string.Join(", ", status.Goals.Select(goal => goal.Metric)), "parameters");
        foreach (var trial in status.Leaderboard)
        {
            table.AddRow(
                new Text($"{trial.Number}"), new Text(trial.State.ToString().ToLowerInvariant()), new Text($"{trial.Epochs}"),
                new Text(string.Join(", ", status.Goals.Select(goal => Format.Number(trial.Metrics.GetValueOrDefault(goal.Metric, double.NaN))))),
                new Text(trial.Parameters.ToString()));
        }

        if (status.StopReason is { } reason)
        {
            table.Caption(new TableTitle(Markup.Escape(reason)));
        }

        return table.Title(new TableTitle(Markup.Escape(
            $"{status.SweepId} {status.Phase.ToString().ToLowerInvariant()}: {trials.Completed + trials.Stopped + trials.Failed}/{trials.Planned} trials done, " +
            $"{trials.Running} running, {trials.Paused} at a rung, {trials.Failed} failed; {status.FreeSlots} of {status.TotalSlots} slots free; " +
            $"{Format.Duration(status.Elapsed)} gone, {Format.Duration(status.TimeLeft)} left")));
    }
}

/// <summary>A sweep at one moment.</summary>
internal sealed record SweepStatusReport(SweepStatus Status) : Report
{
    protected override string Kind => "sweepStatus";
}
