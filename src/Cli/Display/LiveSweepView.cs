using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>One picture of a sweep: how far, how well, what is under way, and the best trials.</summary>
internal static class LiveSweepView
{
    private const int BarWidth = 40;
    private const int LeaderRows = 10;
    private const int RunningRows = 8;
    private const int NoticeRows = 3;

    /// <summary>The picture with as many trials as there is room for: the longer list gives way first.</summary>
    public static IRenderable Create(SweepProgress progress, IReadOnlyList<string> notices, Func<IRenderable, bool> fits)
    {
        var (leaders, running) = (Math.Min(LeaderRows, progress.Leaderboard.Count), Math.Min(RunningRows, progress.Running.Count()));
        var view = Create(progress, notices, leaders, running);
        while (leaders + running > 0 && !fits(view))
        {
            (leaders, running) = leaders >= running ? (leaders - 1, running) : (leaders, running - 1);
            view = Create(progress, notices, leaders, running);
        }

        return view;
    }

    private static Rows Create(SweepProgress progress, IReadOnlyList<string> notices, int leaders, int running)
    {
        var rows = new List<IRenderable>
        {
            progress.Started is { } started ? new Text(SweepText.Started(started), Style.Parse("grey")) : new Text("starting ..."),
        };
        if (progress.Planned > 0)
        {
            rows.Add(Bar(progress));
            rows.Add(Counts(progress));
        }

        if (progress.Best is { } best)
        {
            rows.Add(new Text(SweepText.Best(best, progress.ParetoFront, progress.Goals), Style.Parse("green")));
        }

        if (leaders > 0)
        {
            rows.Add(Leaders(progress, leaders));
        }

        rows.AddRange(Running(progress, running));
        rows.AddRange(notices.TakeLast(NoticeRows).Select(notice => new Text(notice, Style.Parse("yellow"))));
        return new Rows(rows);
    }

    private static Markup Bar(SweepProgress progress)
    {
        var share = (double)progress.FinishedCount / progress.Planned;
        var full = (int)Math.Round(BarWidth * share);
        var text = $"{progress.FinishedCount}/{progress.Planned} trials done  gone {Format.Duration(progress.Elapsed)}  left {Format.Duration(progress.TimeLeft)}";
        return new Markup($"[green]{new string('#', full)}[/][grey]{new string('-', BarWidth - full)}[/] {(int)(100 * share)} %  {Markup.Escape(text)}");
    }

    private static Text Counts(SweepProgress progress)
    {
        var states = progress.Trials.CountBy(trial => trial.State).OrderBy(state => state.Key).Select(state => $"{Format.Count(state.Value)} {SweepText.NameOf(state.Key)}");
        var slots = progress.Slots is { } known ? [$"{known.Free} of {known.Total} slots free"] : Array.Empty<string>();
        return new Text(string.Join("  ", [SweepText.NameOf(progress.Phase), .. states, .. slots]));
    }

    private static Table Leaders(SweepProgress progress, int count)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("", "trial", "state", "epochs");
        foreach (var goal in progress.Goals)
        {
            table.AddColumn(new TableColumn(new Text(goal.Metric)).RightAligned());
        }

        table.AddColumn("parameters");
        foreach (var (place, trial) in progress.Leaderboard.Take(count).Index())
        {
            table.AddRow(
            [
                new Text($"{place + 1}"), new Text($"{trial.Number}"), new Text(SweepText.NameOf(trial.State)), new Text($"{trial.Epochs}"),
                .. progress.Goals.Select(goal => new Text(Format.Number(trial.Metrics.GetValueOrDefault(goal.Metric, double.NaN)))),
                new Text(trial.Parameters.ToString()),
            ]);
        }

        return table;
    }

    private static IEnumerable<IRenderable> Running(SweepProgress progress, int count)
    {
        var running = progress.Running.ToArray();
        foreach (var trial in running.Take(count))
        {
            var of = progress.Started?.Spec.EpochsOf(trial.Parameters) is { } total ? $"/{total}" : "";
            yield return new Text($"trial {trial.Number}  epoch {trial.Epochs}{of}  {SweepText.GoalValues(trial.Metrics, progress.Goals)}  ({trial.Parameters})");
        }

        if (running.Length > count)
        {
            yield return new Text($"and {running.Length - count} more under way", Style.Parse("grey"));
        }
    }
}
