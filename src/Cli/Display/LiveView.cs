using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>One picture of a run: what, how far, how well, and the last epochs.</summary>
internal static class LiveView
{
    private const int BarWidth = 40;
    private const int EpochRows = 8;
    private const int NoticeRows = 3;

    public static IRenderable Create(RunProgress progress, IReadOnlyList<string> notices)
    {
        var rows = new List<IRenderable>();
        if (progress.Started is { } started)
        {
            rows.Add(new Text(RunText.Started(started), Style.Parse("grey")));
            rows.Add(Bar(progress));
        }

        if (progress.Step is { } step)
        {
            if (progress.Started is null)
            {
                rows.Add(new Text($"step {step.Step}"));
            }

            rows.Add(Numbers(step, progress));
        }
        else if (progress.Started is null && progress.Waiting is null)
        {
            rows.Add(new Text(progress.Loading is { } loading ? RunText.Loading(loading) : "starting ..."));
        }

        if (progress.Waiting is { } waiting)
        {
            rows.Add(new Text(RunText.Waiting(waiting), Style.Parse("yellow")));
        }

        if (progress.Epochs.Count > 0)
        {
            rows.Add(Epochs(progress.Epochs));
        }

        if (progress.Snapshot is { } snapshot)
        {
            rows.Add(new Text(RunText.Snapshot(snapshot), Style.Parse("grey")));
        }

        rows.AddRange(notices.TakeLast(NoticeRows).Select(notice => new Text(notice, Style.Parse("yellow"))));
        return new Rows(rows);
    }

    private static Markup Bar(RunProgress progress)
    {
        var (share, text) = progress switch
        {
            { Evaluation: { TotalSamples: > 0 } evaluation } => ((double)evaluation.Samples / evaluation.TotalSamples, RunText.Evaluation(evaluation)),
            { Robustness: { } robustness } => (robustness.Share, RunText.Robustness(robustness, progress)),
            { Curvature: { TotalSamples: > 0 } curvature } => ((double)curvature.Samples / curvature.TotalSamples, RunText.Curvature(curvature)),
            _ => (progress.Share, $"step {progress.StepsDone}/{progress.TotalSteps}  left {Format.Duration(progress.TimeLeft)}"),
        };
        var full = (int)Math.Round(BarWidth * share);
        return new Markup($"[green]{new string('#', full)}[/][grey]{new string('-', BarWidth - full)}[/] {(int)(100 * share)} %  {Markup.Escape(text)}");
    }

    private static Grid Numbers(StepCompleted step, RunProgress progress)
    {
        var epoch = progress.Epochs.Count > 0 ? progress.Epochs[^1] : null;
        List<(string Name, string Value)> numbers =
        [
            ("loss", Format.Number(step.Loss)),
            .. Format.Named(step.LossTerms).Where(term => double.IsFinite(term.Value)).Select(term => (term.Name + " term", Format.Number(term.Value))),
            ("train", Format.Percent(step.TrainAccuracy)),
            ("test", epoch is null ? Format.None : Format.Percent(epoch.TestAccuracy)),
            .. epoch?.EmaTestAccuracy is { } average ? new[] { ("average", Format.Percent(average)) } : [],
            ("beta", Format.Range(epoch?.Beta)),
            ("gamma", Format.Range(epoch?.Gamma)),
            ("lr", Format.Number(step.LearningRate)),
            ("speed", Format.Rate(step.SamplesPerSecond)),
        ];

        var grid = new Grid();
        foreach (var _ in Enumerable.Range(0, 4))
        {
            grid.AddColumn(new GridColumn().NoWrap());
        }

        foreach (var row in numbers.Chunk(4))
        {
            grid.AddRow([.. row.Select(number => new Markup($"[grey]{number.Name}[/] {Markup.Escape(number.Value)}"))]);
        }

        return grid;
    }

    private static Table Epochs(IReadOnlyList<EpochCompleted> epochs)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("epoch", "loss", "train", "test", "beta", "gamma", "samples/s");
        foreach (var epoch in epochs.TakeLast(EpochRows))
        {
            table.AddRow(
                new Text($"{epoch.Epoch}"),
                new Text(Format.Number(epoch.TrainLoss)),
                new Text(Format.Percent(epoch.TrainAccuracy)),
                new Text(Format.Percent(epoch.TestAccuracy)),
                new Text(Format.Range(epoch.Beta)),
                new Text(Format.Range(epoch.Gamma)),
                new Text(Format.Count((long)epoch.SamplesPerSecond)));
        }

        return table;
    }
}
