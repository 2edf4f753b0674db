using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Sweeps;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary><c>lcnn sweep list</c>: the sweeps of a cluster, newest first.</summary>
internal static class SweepListCommand
{
    private const int Limit = 20;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static Command Create(CliServices services)
    {
        var limit = CommonOptions.Value("--limit", "n", $"Sweeps to list, the newest. Default: {Limit}");
        return ClusterCommand.Create("list", "List the sweeps of a cluster, newest first.", services, [limit], async (reader, writer, launcher, cancellationToken) =>
        {
            var count = reader.WholeNumber(limit, minimum: 1) ?? Limit;
            reader.ThrowIfProblems();
            var sweeps = await Task.WhenAll(
                (await launcher.ListSweepsAsync(count, cancellationToken)).Select(sweep => UpdateAsync(sweep, launcher, cancellationToken)));
            writer.Write([.. sweeps.Select(sweep => new SweepLine(sweep))], () => CreateTable(sweeps));
            return ExitCode.Done;
        });
    }

    // The catalog hears of a sweep when it begins and ends, or moves.
    private static async Task<SweepEntry> UpdateAsync(SweepEntry entry, IRunLauncher launcher, CancellationToken cancellationToken)
    {
        if (entry.Phase is SweepPhase.Completed or SweepPhase.Failed)
        {
            return entry;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        try
        {
            var sweep = await launcher.FindSweepAsync(entry.SweepId, patience.Token).WaitAsync(patience.Token);
            var status = await sweep.GetStatusAsync(patience.Token).WaitAsync(patience.Token);
            return entry with { Phase = status.Phase, Trials = status.Trials.Planned };
        }
        catch (Exception exception) when (exception is OperationCanceledException or SweepNotFoundException && !cancellationToken.IsCancellationRequested)
        {
            return entry; // just moving, or its record was lost
        }
    }

    private static Table CreateTable(IReadOnlyList<SweepEntry> sweeps)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("sweep", "name", "phase", "trials", "sampler", "scheduler", "submitted", "folder");
        foreach (var sweep in sweeps)
        {
            table.AddRow(
                new Text(sweep.SweepId), new Text(sweep.Name), new Text(SweepText.NameOf(sweep.Phase)), new Text($"{sweep.Trials}"),
                new Text(sweep.Sampler), new Text(sweep.Scheduler),
                new Text(sweep.SubmittedAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)), new Text(sweep.OutputDirectory));
        }

        return table;
    }
}

/// <summary>One sweep in the list.</summary>
internal sealed record SweepLine(SweepEntry Sweep) : Report
{
    protected override string Kind => "sweep";
}
