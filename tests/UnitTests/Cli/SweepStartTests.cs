using System.Text.Json;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class SweepStartTests : IDisposable
{
    private const string Small = "base: {dataset: digits, arch: resnet8-lcnn, shards: 8, workers: 1}\n";

    private readonly CliHarness _cli = new();

    public SweepStartTests() => _cli.Host.Sweep.Events = [SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.8)) with { Sequence = 1 }];

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("--out sweeps/a", "")]
    [InlineData("--out sweeps/a --local-silos 2", "")]
    [InlineData("", "out: sweeps/a\n")]
    public async Task Start_HereIntoAFolderThatIsNotEmpty_IsRefused(string options, string key)
    {
        _cli.FolderWithFile("sweeps/a");
        Write(Small + key + "parameters: {lr: {values: [0.1]}}\n");

        Assert.Equal(2, await _cli.RunLineAsync($"sweep start sweep.yaml {options}"));

        Assert.Contains($"--out: the folder '{Path.Combine(_cli.Folder, "sweeps/a")}' is not empty", _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Place);
    }

    [Fact]
    public async Task Start_SweptWorkers_HasSlotsForTheLargestTrials()
    {
        Write(Small + "parameters: {workers: {values: [1, 4, 2]}}\nmaxConcurrent: 3\n");

        Assert.Equal(0, await _cli.RunLineAsync("sweep start sweep.yaml --out here"));
        Assert.Equal(new RunPlace.ThisProcess(12) { SweepMark = Path.Combine(_cli.Folder, "here") }, _cli.Host.Place);

        Assert.Equal(0, await _cli.RunLineAsync("sweep start sweep.yaml --local-silos 5 --out there"));
        Assert.Equal(new RunPlace.LocalSilos(5, 3, null), _cli.Host.Place);
        Assert.Contains("without Redis, losing the first silo ends the sweep", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_LocalSilosBesideAClusterThatIsNoRedis_IsRefused()
    {
        Write(Small + "parameters: {lr: {values: [0.1]}}\n");

        Assert.Equal(2, await _cli.RunLineAsync("sweep start sweep.yaml --local-silos 2 --cluster localhost"));

        Assert.Contains("--local-silos: starts a cluster of its own", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithTooFewTrialsForItsRungs_WarnsWhereNobodyFollows()
    {
        Write("base: {dataset: digits, epochs: 9}\nscheduler: asha\nparameters: {lr: {values: [0.1]}}\n");

        Assert.Equal(0, await _cli.RunLineAsync("sweep start sweep.yaml --cluster redis://host"));

        Assert.StartsWith("warning: scheduler 'asha' has rungs at 1, 3, 9 epochs", Assert.Single(_cli.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sampler: random\nmaxTrials: 3\nparameters: {lr: {values: [0.1]}}\n", "warning: sampler 'random' draws 3 trials out of 1 that differ")]
    [InlineData("sampler: tpe\nmaxTrials: 3\nmaxConcurrent: 3\nparameters: {lr: {range: [0.1, 0.2]}}\n", "warning: sampler 'tpe' learns from earlier trials, and with maxConcurrent 3")]
    [InlineData("parameters: {loss: {values: [ce]}, betaWeight: {values: [1, 2]}}\n", "warning: 1 of 2 trials repeat another")]
    public async Task Start_OfWhatIsWaste_Warns(string text, string expected)
    {
        Write(Small + text);

        Assert.Equal(0, await _cli.RunLineAsync("sweep start sweep.yaml --cluster redis://host"));

        Assert.StartsWith(expected, Assert.Single(_cli.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_LostOnTheWay_EndsWithTheFailureOfASweep()
    {
        Write(Small + "parameters: {lr: {values: [0.1]}}\n");
        _cli.Host.Sweep.Events = [SweepEvents.Started()];
        _cli.Host.Sweep.WatchError = new IOException("the line is cut");

        Assert.Equal(1, await _cli.RunLineAsync("sweep start sweep.yaml --json"));

        var last = Assert.IsType<SweepFailed>(SweepEventJson.Deserialize(_cli.OutputLines[^1]));
        Assert.Equal(("sweep-1", 2, false), (last.SweepId, last.Sequence, last.BadInput));
        Assert.StartsWith("the line is cut", last.Error, StringComparison.Ordinal);
        Assert.Equal(2, _cli.OutputLines.Count);
    }

    [Theory]
    [InlineData(TrialState.Completed, 0)]
    [InlineData(TrialState.Stopped, 1)]
    [InlineData(TrialState.Failed, 1)]
    public async Task Start_Followed_ExitsByWhetherATrialCompleted(TrialState state, int expected)
    {
        Write(Small + "parameters: {lr: {values: [0.1]}}\n");
        _cli.Host.Sweep.Events =
            [SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Failed, 0, 0), SweepEvents.Result(2, state, 4, 0.8)) with { Sequence = 1 }];

        Assert.Equal(expected, await _cli.RunLineAsync("sweep start sweep.yaml"));
    }

    [Fact]
    public async Task Watch_UnknownSweep_IsBadInput()
    {
        Assert.Equal(2, await _cli.RunLineAsync("sweep watch sweep-9 --json"));

        using var failed = JsonDocument.Parse(Assert.Single(_cli.OutputLines));
        Assert.Equal(("sweepFailed", true), (failed.RootElement.GetProperty("event").GetString(), failed.RootElement.GetProperty("badInput").GetBoolean()));
    }

    private void Write(string sweep) => File.WriteAllText(Path.Combine(_cli.Folder, "sweep.yaml"), sweep);
}
