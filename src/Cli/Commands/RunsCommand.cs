using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn runs</c>: the runs of a cluster, newest first.</summary>
internal static class RunsCommand
{
    private const int Limit = 20;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static Command Create(CliServices services)
    {
        var limit = CommonOptions.Value("--limit", "n", $"Runs to list, the newest. Default: {Limit}");
        var all = CommonOptions.Flag("--all", "List finished trials of sweeps too. Default: only those under way; see 'lcnn sweep status'");
        return ClusterCommand.Create(
            "runs", "List the runs of a cluster, newest first.", services, [limit, all],
            async (reader, writer, launcher, cancellationToken) =>
            {
                var count = reader.WholeNumber(limit, minimum: 1) ?? Limit;
                reader.ThrowIfProblems();
                var runs = await launcher.ListRunsAsync(reader.IsGiven(all) ? count : int.MaxValue, cancellationToken);
                var shown = runs.Where(run => reader.IsGiven(all) || !(run.IsTrial() && run.IsFinished())).Take(count);
                var lines = await Task.WhenAll(shown.Select(run => DescribeAsync(run, launcher, cancellationToken)));
                writer.Write(lines, () => CreateTable(lines));
                return ExitCode.Done;
            });
    }

    private static async Task<RunLine> DescribeAsync(RunEntry entry, IRunLauncher launcher, CancellationToken cancellationToken)
    {
        var status = entry.IsFinished()
            ? null
            : await AskAsync(launcher.Find(entry.RunId), cancellationToken);
        return new RunLine
        {
            RunId = entry.RunId,
            Phase = (status?.Phase is null or RunPhase.Unknown ? entry.Phase : status.Phase).ToString().ToLowerInvariant(),
            SubmittedAt = entry.SubmittedAt,
            Dataset = entry.Dataset,
            Architecture = entry.Architecture,
            Workers = entry.Workers,
            Step = status?.Step,
            TotalSteps = status?.TotalSteps,
            Generation = status?.Generation,
            OutputDirectory = entry.OutputDirectory,
        };
    }

    // A run whose coordinator is just moving does not hold up the list.
    private static async Task<RunStatus?> AskAsync(IRunHandle run, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        try
        {
            return await run.GetStatusAsync(patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static Table CreateTable(IReadOnlyList<RunLine> runs)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("run", "phase", "step", "network", "data set", "workers", "submitted", "folder");
        foreach (var run in runs)
        {
            table.AddRow(
                new Text(run.RunId), new Text(run.Phase), new Text(run.Step is { } step ? Format.Of(step, run.TotalSteps) : Format.None),
                new Text(run.Architecture), new Text(run.Dataset), new Text($"{run.Workers}"),
                new Text(run.SubmittedAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)), new Text(run.OutputDirectory));
        }

        return table;
    }
}

/// <summary>One run in the list; the live figures only while it is not over.</summary>
internal sealed record RunLine : Report
{
    protected override string Kind => "run";
    public string RunId { get; init; } = "";
    public string Phase { get; init; } = "";
    public DateTimeOffset SubmittedAt { get; init; }
    public string Dataset { get; init; } = "";
    public string Architecture { get; init; } = "";
    public int Workers { get; init; }
    public long? Step { get; init; }
    public long? TotalSteps { get; init; }
    public int? Generation { get; init; }
    public string OutputDirectory { get; init; } = "";
}
