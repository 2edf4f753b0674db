using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console.Testing;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class SweepDisplayTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private string[] OutputLines => _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private string[] ErrorLines => _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Plain_AWholeSweep_IsALineAnEventAndASummary()
    {
        await using var display = new PlainSweepDisplay(_output, _error, _clock);

        display.Written("/runs/sweep/report.html");
        Array.ForEach(WholeSweep(), display.Show);

        Assert.Equal(
        [
            "sweep-1 'small': 3 trials of resnet8-lcnn on digits, up to 2 at once, sampler grid, scheduler none, maximize testAccuracy",
            "trial 1 started: lr=0.1",
            "trial 1  epoch 1  testAccuracy 0.5  testLoss 0.5",
            "trial 1 waits at rung 0 after 1 epoch",
            "trial 1 is promoted to rung 1: 4 epochs",
            "trial 1 goes on from epoch 1",
            "trial 1 completed  testAccuracy 0.8  testLoss 0.2  [1/3]",
            "best so far: trial 1  testAccuracy 0.8  (lr=0.1)",
            "trial 2 failed and is tried again: rank 0: loss is NaN",
            "trial 2 started again (attempt 2): lr=0.2",
            "trial 2 failed: rank 0: loss is NaN  [2/3]",
            "1 trial added, 4 planned now",
            "trial 3 is paused after 2 epochs",
            "paused",
            "going on",
            "trial 3 stopped after 2 epochs: worse than the median  [3/4]",
            "trials         1 completed, 1 stopped, 1 failed",
            "trained        9 epochs in 1:28",
            "stopped        maxEpochs",
            "best trial     1  testAccuracy 0.8  testLoss 0.2",
            "parameters     lr=0.1",
            "weightsSha256  0123abcd",
            "folder         /runs/sweep",
            "charts         /runs/sweep/report.html",
        ], OutputLines);
        Assert.Equal(["warning: a snapshot is gone"], ErrorLines);
    }

    [Fact]
    public async Task Plain_FailureAndNotices_GoToStandardError()
    {
        await using var display = new PlainSweepDisplay(_output, _error, _clock);

        display.Show(SweepEvents.Status());
        display.Notice("stopping");
        display.Show(new SweepFailed { Error = "no storage" });

        Assert.Equal(["stopping", "error: no storage"], ErrorLines);
        Assert.Empty(OutputLines);
    }

    [Fact]
    public async Task Plain_ResultWithoutABestOrWithAFront_SaysSo()
    {
        await using var display = new PlainSweepDisplay(_output, _error, _clock);

        display.Show(SweepEvents.SweepCompleted() with { StopReason = null });
        display.Show(SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.8)) with { ParetoFront = [1, 3] });

        Assert.Contains("best trial     none has a result", OutputLines);
        Assert.Contains("Pareto front   1, 3", OutputLines);
    }

    [Fact]
    public async Task Json_EveryEvent_IsALine()
    {
        await using var display = new JsonSweepDisplay(_output, _error);

        display.Written("/runs/sweep/report.html");
        Array.ForEach(WholeSweep(), display.Show);
        display.Show(SweepEvents.Status());

        Assert.Equal(WholeSweep().Select(next => next.GetType()), OutputLines.Select(line => SweepEventJson.Deserialize(line).GetType()));
        Assert.Empty(ErrorLines);
    }

    [Fact]
    public async Task Live_AWholeSweep_ShowsTheNumbers()
    {
        using var console = Terminal();
        var display = new LiveSweepDisplay(console, _error, _clock);

        display.Show(SweepEvents.Started());
        display.Show(SweepEvents.TrialStarted(1));
        display.Show(SweepEvents.TrialStarted(2));
        display.Show(SweepEvents.Reported(2, 3, 0.65));
        display.Show(SweepEvents.Completed(1, 0.8));
        display.Show(SweepEvents.Best(1, 0.8));
        display.Show(SweepEvents.Status());
        string[] expected =
        [
            "starting ...", "sweep-1 'small': 3 trials", "33 %  1/3 trials done  gone 1:40  left 0:50", "running  1 running  1 completed  1 of 4 slots free",
            "best so far: trial 1  testAccuracy 0.8  (lr=0.1)", "trial 2  epoch 3/4  testAccuracy 0.65  (lr=0.2)",
        ];
        Assert.All(expected, part => Assert.Contains(part, console.Output, StringComparison.Ordinal));

        display.Notice("[not markup]");
        display.Written("/runs/page.html");
        display.Show(new SweepWarning { Message = "a snapshot is gone" });
        display.Show(new TrialFailed { Trial = SweepEvents.Result(2, TrialState.Failed, 3, 0.65), Error = "[red]loss is NaN" });
        display.Show(SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.8), SweepEvents.Result(2, TrialState.Failed, 3, 0.65)));
        await display.DisposeAsync();
        await display.DisposeAsync();

        expected = ["[not markup]", "warning: a snapshot is gone", "trial 2 failed: [red]loss is NaN", "1 completed, 1 failed", "9 epochs in 1:28", "0123abcd", "/runs/sweep", "/runs/page.html"];
        Assert.All(expected, part => Assert.Contains(part, console.Output, StringComparison.Ordinal));
        Assert.Empty(ErrorLines);
    }

    [Fact]
    public async Task Live_ManyTrials_ShowsTheBestTenAndAFewOfThoseUnderWay()
    {
        using var console = new TestConsole().Width(160);
        var display = new LiveSweepDisplay(console, _error, _clock);

        display.Show(SweepEvents.Started() with { Trials = 40 });
        for (var number = 1; number <= 20; number++)
        {
            display.Show(SweepEvents.Completed(number, number / 100.0));
            display.Show(SweepEvents.TrialStarted(20 + number));
        }

        display.Show(new SweepFailed { Error = "no storage", Trials = [] });
        await display.DisposeAsync();

        var final = string.Join('\n', console.Lines.TakeLast(30));
        Assert.Contains("10 | 11    | completed", final.Replace('│', '|'), StringComparison.Ordinal);
        Assert.DoesNotContain("11 | 10    | completed", final.Replace('│', '|'), StringComparison.Ordinal);
        Assert.Contains("and 12 more under way", final, StringComparison.Ordinal);
        Assert.Equal(["error: no storage"], ErrorLines);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(40, 12)]
    public async Task Live_OnASmallTerminal_KeepsItsHeadAndFits(int width, int height)
    {
        using var console = new TestConsole().Width(width);
        console.Profile.Height = height;
        var progress = new SweepProgress(_clock);
        progress.Apply(SweepEvents.Started() with { Trials = 40 });
        for (var number = 1; number <= 20; number++)
        {
            progress.Apply(SweepEvents.Completed(number, number / 100.0));
            progress.Apply(SweepEvents.TrialStarted(20 + number));
        }

        var screen = new LiveScreen(console, _clock, (notices, fits) => LiveSweepView.Create(progress, notices, fits));
        var drawn = console.Lines.ToArray();
        await screen.CloseAsync();

        Assert.StartsWith("sweep-1 'small': 40 trials", drawn[0], StringComparison.Ordinal);
        Assert.InRange(drawn.Length, height / 2, height - 1);
        Assert.Contains(drawn, line => line.Contains("more under way", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Live_ThousandsOfReportsAtOnce_DrawsAtMostTenTimesASecond()
    {
        using var console = Terminal();
        await using var display = new LiveSweepDisplay(console, _error, _clock);
        display.Show(SweepEvents.Started());
        var before = console.Output.Length;

        for (var i = 0; i < 1000; i++)
        {
            display.Show(SweepEvents.Reported(1, 1, 0.5));
        }

        Assert.Equal(before, console.Output.Length);
        _clock.Advance(TimeSpan.FromSeconds(1));
        display.Show(SweepEvents.Reported(1, 2, 0.5));
        Assert.NotEqual(before, console.Output.Length);
    }

    [Fact]
    public async Task Create_ForWhoIsLooking_IsTheDisplayForThem()
    {
        using var cli = new CliHarness();
        await using var json = SweepDisplay.Create(cli.Services with { IsTerminal = true }, isJson: true);
        await using var live = SweepDisplay.Create(cli.Services with { IsTerminal = true }, isJson: false);
        await using var plain = SweepDisplay.Create(cli.Services, isJson: false);

        Assert.IsType<JsonSweepDisplay>(json);
        Assert.IsType<LiveSweepDisplay>(live);
        Assert.IsType<PlainSweepDisplay>(plain);
        Assert.Equal([false, true, false], [json.WantsStatus, live.WantsStatus, plain.WantsStatus]);
    }

    private static TestConsole Terminal()
    {
        var console = new TestConsole().Width(160);
        console.EmitAnsiSequences();
        return console;
    }

    private static SweepEvent[] WholeSweep()
    {
        const string Error = "rank 0: loss is NaN";
        return
        [
            SweepEvents.Started(), SweepEvents.TrialStarted(1), SweepEvents.Reported(1, 1, 0.5), new TrialPaused { Number = 1, Rung = 0, Epochs = 1 },
            new TrialPromoted { Number = 1, Rung = 1, TargetEpochs = 4 }, new TrialResumed { Number = 1, Epochs = 1 }, SweepEvents.Completed(1, 0.8), SweepEvents.Best(1, 0.8),
            new TrialFailed { Trial = SweepEvents.Result(2, TrialState.Pending, 1, 0.5, Error), Error = Error, WillRetry = true }, SweepEvents.TrialStarted(2, attempt: 2),
            new TrialFailed { Trial = SweepEvents.Result(2, TrialState.Failed, 1, 0.5, Error), Error = Error },
            new TrialsAdded { Count = 1, Trials = 4 }, new SweepWarning { Message = "a snapshot is gone" },
            new TrialPaused { Number = 3, Epochs = 2 }, new SweepPaused(), new SweepResumed(),
            new TrialStopped { Trial = SweepEvents.Result(3, TrialState.Stopped, 2, 0.6), Reason = "worse than the median" },
            SweepEvents.SweepCompleted(
                SweepEvents.Result(1, TrialState.Completed, 4, 0.8), SweepEvents.Result(2, TrialState.Failed, 1, 0.5, Error), SweepEvents.Result(3, TrialState.Stopped, 2, 0.6)),
        ];
    }
}
