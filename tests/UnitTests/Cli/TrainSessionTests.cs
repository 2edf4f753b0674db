using System.Text.Json;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class TrainSessionTests
{
    public static TheoryData<RunEvent, int> FinalEvents => new()
    {
        { Sample.Completed(), 0 },
        { Sample.Failed(badInput: false), 1 },
        { Sample.Failed(badInput: true), 2 },
    };

    [Theory]
    [MemberData(nameof(FinalEvents))]
    public async Task ExitCode_OfAFinalEvent_TellsHowItEnded(RunEvent final, int expected)
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), final];

        Assert.Equal(expected, await cli.RunLineAsync("train"));

        Assert.True(cli.Host.IsDisposed);
    }

    [Fact]
    public async Task Json_AWholeRun_IsTheEventsAndNothingElse()
    {
        using var cli = new CliHarness();
        cli.Host.Events =
        [
            Sample.Started(1), Sample.Step(1, 2), new RunWarning { Sequence = 3, Message = "disk full" }, Sample.Epoch(1, 4), Sample.Completed(5),
        ];

        Assert.Equal(0, await cli.RunLineAsync("train --json"));

        Assert.Equal(cli.Host.Events.Select(RunEventJson.Serialize), cli.OutputLines);
        var lines = cli.OutputLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["started", "step", "warning", "epoch", "completed"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.All(lines, line => Assert.Equal(1, line.GetProperty("schema").GetInt32()));
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("lossTerms").GetProperty("gradientNorm").ValueKind);
        Assert.Equal(JsonValueKind.Null, lines[4].GetProperty("gradNorm").ValueKind);
        Assert.Empty(cli.Error);
    }

    [Theory]
    [InlineData((int)StopSignal.Interrupt, "SIGINT", 130)]
    [InlineData((int)StopSignal.Terminate, "SIGTERM", 143)]
    [InlineData((int)StopSignal.HangUp, "SIGHUP", 129)]
    public async Task Signal_WhileTraining_CancelsTheRunAndWaitsForItsSnapshot(int signal, string reason, int expected)
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), Sample.Cancelled()];
        cli.Host.BeforeEvent = runEvent =>
        {
            if (runEvent is RunCancelled)
            {
                cli.Signals.Send((StopSignal)signal);
            }
        };

        Assert.Equal(expected, await cli.RunLineAsync("train --json"));

        Assert.Equal(reason, cli.Host.CancelReason);
        Assert.Contains("\"event\":\"cancelled\"", cli.OutputLines[^1], StringComparison.Ordinal);
        Assert.Contains("Ctrl-C again exits at once", cli.Error, StringComparison.Ordinal);
        Assert.Empty(cli.ExitedAtOnce);
        Assert.False(cli.Signals.IsListening);
    }

    [Fact]
    public async Task Signal_BeforeTheRunStarted_ExitsWithItsCode()
    {
        using var cli = new CliHarness();
        cli.Host.OnStart = token =>
        {
            cli.Signals.Send(StopSignal.Terminate);
            token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
        };

        Assert.Equal(143, await cli.RunLineAsync("train --json"));

        Assert.Null(cli.Host.Spec);
        using var cancelled = JsonDocument.Parse(Assert.Single(cli.OutputLines));
        Assert.Equal("cancelled", cancelled.RootElement.GetProperty("event").GetString());
        Assert.Equal(JsonValueKind.Null, cancelled.RootElement.GetProperty("snapshot").ValueKind);
    }

    [Fact]
    public async Task Signal_SecondInterrupt_ExitsAtOnce()
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), Sample.Cancelled()];
        cli.Host.BeforeEvent = runEvent =>
        {
            if (runEvent is RunCancelled)
            {
                cli.Signals.Send(StopSignal.Terminate);
                cli.Signals.Send(StopSignal.Terminate);
                cli.Signals.Send(StopSignal.Interrupt);
            }
        };

        Assert.Equal(143, await cli.RunLineAsync("train"));

        Assert.Equal([130], cli.ExitedAtOnce);
    }

    [Fact]
    public async Task Signal_RunCompletesAllTheSame_IsDone()
    {
        using var cli = new CliHarness();
        cli.Host.BeforeEvent = _ => cli.Signals.Send(StopSignal.Interrupt);

        Assert.Equal(0, await cli.RunLineAsync("train"));
    }

    [Fact]
    public async Task Cancelled_BySomebodyElse_IsAFailure()
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), Sample.Cancelled() with { Reason = "dashboard" }];
        await cli.Host.CancelAsync("dashboard", TestContext.Current.CancellationToken);

        Assert.Equal(1, await cli.RunLineAsync("train"));
    }

    [Fact]
    public async Task Start_SpecRefusedByTheGrain_NamesTheOptionsAndIsBadInput()
    {
        using var cli = new CliHarness();
        cli.Host.StartError = new InvalidSpecException([new SpecProblem(nameof(RunSpec.LogicalShards), "the device has one slot")]);

        Assert.Equal(2, await cli.RunLineAsync("train --json"));

        Assert.Equal("error: --shards: the device has one slot", Assert.Single(cli.ErrorLines));
        Assert.Contains("\"badInput\":true", Assert.Single(cli.OutputLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Breaks_EndsWithAFailedEventAndOneLine()
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(1), Sample.Step(1, 2)];
        cli.Host.WatchError = new InvalidOperationException("the silo\nis gone");

        Assert.Equal(1, await cli.RunLineAsync("train --json"));

        using var failed = JsonDocument.Parse(cli.OutputLines[^1]);
        Assert.Equal("failed", failed.RootElement.GetProperty("event").GetString());
        Assert.Equal("run-1", failed.RootElement.GetProperty("runId").GetString());
        Assert.Equal(3, failed.RootElement.GetProperty("sequence").GetInt64());
        Assert.Equal("error: the silo is gone (InvalidOperationException; run with LCNN_DEBUG=1 for details)", Assert.Single(cli.ErrorLines));
    }

    [Fact]
    public async Task Watch_EndsWithoutAResult_IsAFailure()
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started()];

        Assert.Equal(1, await cli.RunLineAsync("train"));

        Assert.Contains("ended after number 1 without a result", cli.Error, StringComparison.Ordinal);
    }
}
