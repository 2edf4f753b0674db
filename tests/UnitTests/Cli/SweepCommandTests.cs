using System.Text.Json;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class SweepCommandTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("pause", SweepPhase.Completed)]
    [InlineData("pause", SweepPhase.Stopping)]
    [InlineData("resume", SweepPhase.Failed)]
    [InlineData("stop", SweepPhase.Failed)]
    public async Task Steer_SweepWithNothingToSteer_IsRefusedWithItsPhase(string command, SweepPhase phase)
    {
        _cli.Host.Sweep.Status = _cli.Host.Sweep.Status with { Phase = phase };

        Assert.Equal(2, await _cli.RunLineAsync($"sweep {command} sweep-1"));

        Assert.Equal([$"error: sweep sweep-1 is {phase.ToString().ToLowerInvariant()}: there is nothing to {command}"], _cli.ErrorLines);
        Assert.Empty(_cli.Host.Sweep.Orders);
    }

    [Fact]
    public async Task Steer_SweepUnderWay_SaysWhereItStandsSince()
    {
        _cli.Host.Sweep.OnOrder = order => _cli.Host.Sweep.Status = _cli.Host.Sweep.Status with { Phase = order == "pause" ? SweepPhase.Pausing : SweepPhase.Running };

        Assert.Equal(0, await _cli.RunLineAsync("sweep pause sweep-1"));
        Assert.Equal(0, await _cli.RunLineAsync("sweep resume sweep-1 --json"));

        Assert.Equal("sweep-1: pausing", _cli.OutputLines[0]);
        using var json = JsonDocument.Parse(_cli.OutputLines[1]);
        Assert.Equal(("resuming", "running"), (json.RootElement.GetProperty("event").GetString(), json.RootElement.GetProperty("phase").GetString()));
        Assert.Equal(["pause", "resume"], _cli.Host.Sweep.Orders);
    }

    [Fact]
    public async Task Add_Granted_SaysHowManyArePlanned()
    {
        _cli.Host.Sweep.Status = _cli.Host.Sweep.Status with { Trials = new TrialCounts { Planned = 12 } };

        Assert.Equal(0, await _cli.RunLineAsync("sweep add sweep-1 --trials 2"));

        Assert.Equal(["sweep-1: 2 more trials, 12 planned now, running"], _cli.OutputLines);
    }

    [Fact]
    public async Task Add_OfWhatIsThereAlready_TellsTheWarningsThatTheSweepLogs()
    {
        var sweep = _cli.Host.Sweep;
        sweep.Status = sweep.Status with { LastSequence = 4 };
        sweep.OnOrder = _ => sweep.Status = sweep.Status with { LastSequence = 6 };
        sweep.Events = [.. new[] { "old", "trial 3 is trial 1 again", "" }.Select((text, i) => new SweepWarning { Sequence = 4 + i, Message = text })];

        Assert.Equal(0, await _cli.RunLineAsync("sweep add sweep-1 --trials 1"));

        Assert.Equal(["warning: trial 3 is trial 1 again", "warning: "], _cli.ErrorLines);
    }

    [Fact]
    public async Task List_SweepsThatGoOn_ShowWhatTheySayThemselves()
    {
        var entry = new SweepEntry("sweep-1", "a", _cli.Clock.GetUtcNow(), SweepPhase.Running, 3, "grid", "none", "/sweep");
        _cli.Host.Sweeps = [entry, entry with { SweepId = "sweep-0" }, entry with { SweepId = "sweep-1", Phase = SweepPhase.Completed }];
        _cli.Host.Sweep.Status = _cli.Host.Sweep.Status with { Phase = SweepPhase.Paused, Trials = new TrialCounts { Planned = 5 } };

        Assert.Equal(0, await _cli.RunLineAsync("sweep list --json"));

        var sweeps = _cli.OutputLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sweep")).ToList();
        Assert.Equal(
            ["sweep-1 paused 5", "sweep-0 running 3", "sweep-1 completed 3"],
            sweeps.Select(sweep => $"{sweep.GetProperty("sweepId")} {sweep.GetProperty("phase")} {sweep.GetProperty("trials")}"));
    }
}
