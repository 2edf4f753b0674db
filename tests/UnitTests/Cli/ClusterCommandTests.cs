using System.Text.Json;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class ClusterCommandTests
{
    private static readonly RunEntry _entry =
        new("run-1", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), RunPhase.Starting, "digits", "resnet8", 3, "/runs/a");

    [Fact]
    public async Task Runs_Listed_ShowLiveFiguresOfThoseThatGoOn()
    {
        using var cli = new CliHarness();
        cli.Host.Runs = [_entry, _entry with { RunId = "run-0", Phase = RunPhase.Completed }];

        Assert.Equal(0, await cli.RunLineAsync("runs --json"));

        var lines = cli.OutputLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["run-1", "run-0"], lines.Select(line => line.GetProperty("runId").GetString()));
        Assert.Equal(["training", "completed"], lines.Select(line => line.GetProperty("phase").GetString()));
        Assert.Equal("localhost:30000", Assert.IsType<RunPlace.Cluster>(cli.Host.Place).Address.ToString());
    }

    [Fact]
    public async Task Runs_AsText_AreARowEach()
    {
        using var cli = new CliHarness();
        cli.Host.Runs = [_entry, _entry with { RunId = "run-0", Phase = RunPhase.Completed }];

        Assert.Equal(0, await cli.RunLineAsync("runs --limit 1 --cluster redis://host"));

        Assert.Contains("run-1", cli.Console.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("run-0", cli.Console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_FinishedTrialsOfSweeps_AreListedOnRequestAlone()
    {
        using var cli = new CliHarness();
        var trial = _entry with { RunId = "sweep-1-0001", OutputDirectory = "/sweep/trial-0001", SweepId = "sweep-1" };
        cli.Host.Runs = [trial with { Phase = RunPhase.Completed }, trial, _entry];

        Assert.Equal(0, await cli.RunLineAsync("runs --limit 2 --json"));
        Assert.Equal(["sweep-1-0001", "run-1"], Listed());

        Assert.Equal(0, await cli.RunLineAsync("runs --limit 2 --all --json"));
        Assert.Equal(["sweep-1-0001", "sweep-1-0001"], Listed().Skip(2));

        IEnumerable<string?> Listed() => cli.OutputLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("runId").GetString());
    }

    [Fact]
    public async Task Runs_IdsThatLookLikeATrials_AreListed()
    {
        using var cli = new CliHarness();
        cli.Host.Runs = [_entry with { RunId = "run-20260101-120000-12345678", OutputDirectory = "/runs/trial-12345678", Phase = RunPhase.Completed }];

        Assert.Equal(0, await cli.RunLineAsync("runs --json"));

        Assert.Contains("run-20260101-120000-12345678", Assert.Single(cli.OutputLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silos_AsText_TellWhatRunsWhere()
    {
        using var cli = new CliHarness();
        cli.Host.Silos =
        [
            new SiloReport
            {
                Silo = "127.0.0.1:1@2",
                Name = "one",
                IsDraining = true,
                Slots = [new SlotReport(new DeviceSlot("127.0.0.1:1@2", 0, "cuda:0"), new SlotHolder("run-1", 2, 3)), new SlotReport(new DeviceSlot("127.0.0.1:1@2", 1, "cuda:1"), null)],
            },
        ];

        Assert.Equal(0, await cli.RunLineAsync("silos"));
        Assert.Equal(0, await cli.RunLineAsync("silos --json"));

        Assert.All(["one (leaving)", "1 of 2 used", "cuda:0 cuda:1", "run-1 (rank 3)"], text => Assert.Contains(text, cli.Console.Output, StringComparison.Ordinal));
        using var silo = JsonDocument.Parse(Assert.Single(cli.OutputLines));
        Assert.Equal(JsonValueKind.Null, silo.RootElement.GetProperty("slots")[1].GetProperty("runId").ValueKind);
    }

    [Theory]
    [InlineData("SIGINT", 130)]
    [InlineData("SIGTERM", 143)]
    [InlineData("cancelled by 'lcnn cancel'", 1)]
    public async Task Watch_CancelledRun_ExitsAsItsCommandDid(string reason, int expected)
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), Sample.Cancelled() with { Reason = reason }];
        await cli.Host.CancelAsync(reason, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await cli.RunLineAsync("watch run-1"));
    }

    [Fact]
    public async Task Watch_FinishedRun_ExitsAsItDid()
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), Sample.Failed(badInput: true)];

        Assert.Equal(2, await cli.RunLineAsync("watch run-1 --json"));

        Assert.Equal(cli.Host.Events.Select(RunEventJson.Serialize), cli.OutputLines);
    }

    [Fact]
    public async Task Watch_Interrupted_LeavesTheRunAlone()
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), Sample.Cancelled()];
        cli.Host.BeforeEvent = runEvent =>
        {
            if (runEvent is RunCancelled)
            {
                cli.Signals.Send(StopSignal.Interrupt);
            }
        };

        Assert.Equal(130, await cli.RunLineAsync("watch run-1"));

        Assert.Null(cli.Host.CancelReason);
        Assert.Contains("run-1 goes on", cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("watch run-1 --json")]
    [InlineData("sweep watch sweep-1")]
    public async Task Watch_ReaderGone_EndsQuietly(string line)
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), Sample.Cancelled()]; // whose end never comes
        cli.Host.Sweep.WatchError = new OperationCanceledException();
        cli.Services.Output.LoseReader();

        Assert.Equal(141, await cli.RunLineAsync(line));

        Assert.Empty(cli.Error);
        Assert.Null(cli.Host.CancelReason);
    }

    [Theory]
    [InlineData(true, 141)]
    [InlineData(false, 1)]
    public async Task Runs_OutputThatDidNotArrive_IsNoSuccess(bool isReaderGone, int expected)
    {
        using var cli = new CliHarness();
        cli.Services.Output.Lose("no");
        if (isReaderGone)
        {
            cli.Services.Output.LoseReader();
        }

        Assert.Equal(expected, await cli.RunLineAsync("runs --json"));
    }

    [Fact]
    public async Task Train_OnAClusterWithoutAReader_StaysWithItsRun()
    {
        using var cli = new CliHarness();
        cli.Services.Output.Lose("no");
        cli.Services.Output.LoseReader();

        Assert.Equal(0, await cli.RunLineAsync("train --cluster localhost"));
        Assert.Null(cli.Host.CancelReason);
    }

    [Theory]
    [InlineData("watch nobody")]
    [InlineData("cancel nobody")]
    public async Task Run_Unknown_IsNamed(string line)
    {
        using var cli = new CliHarness();

        Assert.Equal(2, await cli.RunLineAsync(line));

        Assert.Equal("error: run nobody is not known to the cluster; 'lcnn runs' lists those that are", Assert.Single(cli.ErrorLines));
    }

    [Fact]
    public async Task Cancel_KnownRun_IsTold()
    {
        using var cli = new CliHarness();

        Assert.Equal(0, await cli.RunLineAsync("cancel run-1"));

        Assert.Equal("cancelled by 'lcnn cancel'", cli.Host.CancelReason);
        Assert.StartsWith("run-1 stops", Assert.Single(cli.OutputLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("watch", "RUN: expected a value")]
    [InlineData("cancel", "RUN: expected a value")]
    [InlineData("watch a b", "b: unexpected argument")]
    [InlineData("runs --limit 0", "--limit: expected at least 1, got 0")]
    [InlineData("runs --cluster nowhere", "--cluster: its beginning is missing, such as 'redis://'; without Redis a cluster is on this machine only")]
    [InlineData("silos --clustr x", "--clustr: unknown option; did you mean '--cluster'?")]
    public async Task BadArgument_IsNamedWithTheHelpToRead(string line, string expected)
    {
        using var cli = new CliHarness();

        Assert.Equal(2, await cli.RunLineAsync(line));

        Assert.StartsWith($"error: {expected}", cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains($"'lcnn {line.Split(' ')[0]} --help'", cli.ErrorLines[1], StringComparison.Ordinal);
    }
}
