using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console.Testing;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class DisplayTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private string[] OutputLines => _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Plain_ARunThatIsAttacked_TellsTheTimeLeftAndEndsWithTables()
    {
        await using var display = new PlainDisplay(_output, _error, _clock);
        var figures = new RobustnessFigures(
            new AttackFigures("l2", 100, 7, null, null, IsClipped: true, 0.9, [new AttackResult("pgd", [new RobustAt(0.1, 0.8, [])], ["gradients may be masked"])], [new RobustAt(0.1, 0.8, [])]),
            new CertificateFigures("exact softplus", 100, 2, 3, 4, 5, null, [], 0.01, 0.02, 40, [new CertifiedAccuracy(0.1, 0.5)]), null,
            [new SandwichViolation(3, "pgd", "pgd-l2", 0.1, 0.2)]);

        display.Show(new RobustnessProgressed { Share = 0, Samples = 0, TotalSamples = 100 });
        _clock.Advance(TimeSpan.FromSeconds(10));
        display.Show(new RobustnessProgressed { Share = 0.25, Samples = 25, TotalSamples = 100 });
        display.Show(Sample.Completed() with { Robustness = figures });

        Assert.Equal("robustness of 25/100 test samples  left 0:30", OutputLines[0]);
        Assert.Contains(OutputLines, line => line.StartsWith("Hessian bound     4 (loss), 3 (logits)", StringComparison.Ordinal));
        Assert.Matches(@"0\.1 +│ 80\.00 % +│ 50\.00 %", _output.ToString());
        Assert.Contains("warning: pgd: gradients may be masked", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("error: pgd (pgd-l2) fooled test sample 3", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, ExitCode.Of(Sample.Completed() with { Robustness = figures }));
        Assert.Equal(0, ExitCode.Of(Sample.Completed() with { Robustness = figures with { Violations = [] } }));
    }

    [Fact]
    public async Task Plain_AWholeRun_IsOneLineAnEpochAndASummary()
    {
        await using var display = new PlainDisplay(_output, _error, _clock);

        display.Show(Sample.Started());
        _clock.Advance(TimeSpan.FromSeconds(1));
        display.Show(Sample.Step(1)); // too soon after the line before
        _clock.Advance(TimeSpan.FromSeconds(5));
        display.Show(Sample.Step(12));
        _clock.Advance(TimeSpan.FromSeconds(4));
        display.Show(new EvaluationProgressed { Step = 23, Samples = 64, TotalSamples = 360 }); // too soon
        display.Show(Sample.Epoch(1));
        display.Show(Sample.Snapshot());
        _clock.Advance(TimeSpan.FromSeconds(5));
        display.Show(new EvaluationProgressed { Step = 46, Samples = 128, TotalSamples = 360 });
        display.Show(new CurvatureProgressed { Samples = 8, TotalSamples = 360 });
        _clock.Advance(TimeSpan.FromSeconds(5));
        display.Show(new CurvatureProgressed { Samples = 16, TotalSamples = 360 });
        display.Show(Sample.Completed());

        Assert.Equal(
        [
            "run-1: resnet8-lcnn (77,850 parameters) on digits (1,437 training, 360 test samples), loss curvature, 2 epochs of 23 steps,"
                + " batches of 64, 2 workers, 2 shards (batch norm over the shard), seed 1729",
            "step 12/46  loss 2.25 (ce 2.2 beta 33.5 gamma 1.25)  train 12.50 %  lr 0.1  1,235 samples/s  left 0:17",
            "epoch 1/2  loss 1.5 (ce 1.4 beta 32)  train 50.00 %  test 81.25 %  1,500 samples/s  beta 0.5..4.75  gamma 0.25..1.125  left 0:10",
            "snapshot of step 23: /runs/a/step-23.g1.x",
            "evaluated 128/360 test samples",
            "curvature of 16/360 test samples",
            "test accuracy  97.50 % (loss 0.09)",
            "curvature      4.75 (mean over 360 test samples)",
            "hessian norm   2.5",
            "gradient norm  -",
            "throughput     1,400 samples/s, 2 workers",
            "trained        2 epochs, 46 steps",
            "weightsSha256  0123abcd",
            "model          /runs/a/model.safetensors",
            "report         /runs/a/report.json",
        ], OutputLines);
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task Plain_BeginningIsUnknown_NamesNoTotals()
    {
        await using var display = new PlainDisplay(_output, _error, _clock);

        _clock.Advance(TimeSpan.FromSeconds(5));
        display.Show(Sample.Step(12));
        display.Show(Sample.Epoch(1));

        Assert.Equal(["step 12 ", "epoch 1 "], OutputLines.Select(line => line[..(line.IndexOf(' ', 6) + 1)]));
    }

    [Fact]
    public async Task Plain_ThingsThatGoWrong_GoToStandardError()
    {
        await using var display = new PlainDisplay(_output, _error, _clock);

        display.Show(new RunWarning { Message = "disk full" });
        display.Notice("stopping");
        display.Show(Sample.Cancelled());
        display.Show(Sample.Failed(badInput: false));

        Assert.Equal(
            ["warning: disk full", "stopping", "stopped (SIGINT) after 5 steps; go on with --resume /runs/a/step-5.g1.x", "error: rank 1, step 7: loss is NaN"],
            _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(OutputLines);
    }

    [Fact]
    public async Task Plain_WaitingAndRecovering_AreLines()
    {
        await using var display = new PlainDisplay(_output, _error, _clock);

        display.Show(Sample.Waiting());
        display.Show(Sample.Generation());

        Assert.Equal(
            ["waiting for slots: wants 4, 2 are free", "generation 2: rank 1 was lost; goes on from step 23 with 2 workers on 2 silos, 5 steps again"], OutputLines);
    }

    [Fact]
    public async Task Live_WaitingAndRecovering_AreShown()
    {
        using var console = new TestConsole().Width(160);
        console.EmitAnsiSequences();
        var display = new LiveDisplay(console, _error, _clock);

        display.Show(Sample.Waiting());
        Assert.Contains("waiting for slots: wants 4", console.Output, StringComparison.Ordinal);
        display.Show(Sample.Started());
        display.Show(Sample.Generation());
        await display.DisposeAsync();

        Assert.Contains("generation 2: rank 1 was lost", console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("waiting for slots", console.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_WaitingAndRecovering_AreEvents()
    {
        await using var display = new JsonDisplay(_output, _error);

        display.Show(Sample.Waiting());
        display.Show(Sample.Generation());

        Assert.Contains("\"event\":\"waiting\"", OutputLines[0], StringComparison.Ordinal);
        Assert.Contains("\"event\":\"generation\"", OutputLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_AWholeRun_ShowsTheNumbers()
    {
        using var console = new TestConsole().Width(160);
        console.EmitAnsiSequences();
        var display = new LiveDisplay(console, _error, _clock);

        display.Show(Sample.Started());
        _clock.Advance(TimeSpan.FromSeconds(10));
        display.Show(Sample.Step(23));
        display.Show(Sample.Epoch(1));
        display.Notice("[not markup]");
        _clock.Advance(TimeSpan.FromSeconds(1));
        display.Show(Sample.Step(24));
        display.Show(Sample.Snapshot());
        display.Show(Sample.Completed());
        await display.DisposeAsync();
        await display.DisposeAsync();

        string[] expected =
        [
            "starting ...", "step 23/46", "left 0:10", "81.25 %", "0.5..4.75", "0.25..1.125", "33.5", "1,235 samples/s", "1,500", "[not markup]",
            "step-23.g1.x", "97.50 % (loss 0.09)", "0123abcd", "/runs/a/report.json",
        ];
        Assert.All(expected, part => Assert.Contains(part, console.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Live_BeginningIsUnknown_ShowsTheStepWithoutATotal()
    {
        using var console = new TestConsole().Width(160);
        var display = new LiveDisplay(console, _error, _clock);

        _clock.Advance(TimeSpan.FromSeconds(1));
        display.Show(Sample.Step(12));
        await display.DisposeAsync();

        Assert.Contains("step 12", console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("12/", console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_ThousandsOfStepsAtOnce_DrawsAtMostTenTimesASecond()
    {
        using var console = new TestConsole().Width(160);
        console.EmitAnsiSequences();
        await using var display = new LiveDisplay(console, _error, _clock);
        display.Show(Sample.Started());
        var before = console.Output.Length;

        for (var step = 1; step <= 1000; step++)
        {
            display.Show(Sample.Step(1));
        }

        Assert.Equal(before, console.Output.Length);
    }

    [Fact]
    public async Task Live_Evaluation_HasABarUntilItsEpochIsThere()
    {
        using var console = new TestConsole().Width(160);
        var display = new LiveDisplay(console, _error, _clock);

        display.Show(Sample.Started());
        display.Show(Sample.Step(23));
        _clock.Advance(TimeSpan.FromSeconds(1));
        display.Show(new EvaluationProgressed { Step = 23, Samples = 90, TotalSamples = 360 });
        display.Show(Sample.Epoch(1));
        await display.DisposeAsync();

        Assert.Contains("25 %  evaluated 90/360 test samples", console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("evaluated", console.Output[console.Output.LastIndexOf("step 23/46", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_CurvatureWithoutBetas_ShowsDashesAndItsProgress()
    {
        using var console = new TestConsole().Width(160);
        var display = new LiveDisplay(console, _error, _clock);

        display.Show(Sample.Started());
        _clock.Advance(TimeSpan.FromSeconds(1));
        display.Show(Sample.Step(46));
        display.Show(Sample.Epoch(2) with { Beta = null, Gamma = null, SamplesPerSecond = double.NaN });
        _clock.Advance(TimeSpan.FromSeconds(1));
        display.Show(new CurvatureProgressed { Samples = 90, TotalSamples = 360 });
        display.Show(Sample.Failed(badInput: false));
        await display.DisposeAsync();

        Assert.Contains("25 %  curvature of 90/360 test samples", console.Output, StringComparison.Ordinal);
        Assert.Contains("rank 1, step 7", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN, "-")]
    [InlineData(double.PositiveInfinity, "-")]
    [InlineData(0, "0")]
    [InlineData(0.00012, "1.20e-4")]
    [InlineData(0.12345678, "0.1235")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(123456, "1.23e+5")]
    public void Number_OfAnySize_IsShort(double value, string expected) => Assert.Equal(expected, Format.Number(value));
}
