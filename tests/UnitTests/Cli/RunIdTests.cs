using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>Runs and sweeps whose id the caller chose, so that a launcher may be started again.</summary>
public sealed class RunIdTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("train --cluster localhost --run-id nightly-7", "nightly-7")]
    [InlineData("train --cluster localhost --run-id nightly-7 --detach", "nightly-7")]
    [InlineData("train --cluster localhost", null)]
    public async Task Train_RunId_IsTheRuns(string line, string? expected)
    {
        Assert.Equal(0, await _cli.RunLineAsync(line));

        Assert.Equal(expected, _cli.Host.ChosenId);
    }

    [Theory]
    [InlineData("train --run-id a", "--run-id: needs --cluster")]
    [InlineData("train --cluster localhost --local-silos 2 --run-id a", "--run-id: needs --cluster")]
    [InlineData("train --cluster localhost --run-id", "--run-id: expected a value")]
    [InlineData("train --cluster localhost --run-id a/b", "--run-id: expected 1 to 128 letters, digits, '-', '_' and '.', a letter or digit first, got 'a/b'")]
    [InlineData("sweep start sweep.yaml --sweep-id a", "--sweep-id: needs --cluster")]
    [InlineData("sweep start sweep.yaml --cluster localhost --sweep-id .a", "--sweep-id: expected 1 to 128")]
    public async Task Id_ThatCannotBe_IsBadInput(string line, string expected)
    {
        WriteSweep();

        Assert.Equal(2, await _cli.RunLineAsync(line));

        Assert.Contains($"error: {expected}", _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Place);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--detach")]
    [InlineData("--json")]
    [InlineData("--detach --json")]
    public async Task Train_IdOfAnotherSpec_IsBadInput(string options)
    {
        _cli.Host.StartError = new RunExistsException("run a was started with another spec: --epochs was 5, now 6; give this one another id");

        Assert.Equal(2, await _cli.RunLineAsync($"train --cluster localhost --run-id a {options}"));

        Assert.StartsWith("error: --run-id: run a was started with another spec: --epochs was 5", _cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.Equal(options.Contains("json", StringComparison.Ordinal), _cli.Output.Contains("\"badInput\":true", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData((int)StopSignal.Terminate, 143)]
    [InlineData((int)StopSignal.HangUp, 129)]
    public async Task Signal_ThatEndsTheLaunchersHost_LeavesTheRunAlone(int signal, int expected)
    {
        SendAtTheEnd((StopSignal)signal);

        Assert.Equal(expected, await _cli.RunLineAsync("train --cluster localhost --run-id run-1 --json"));

        Assert.Null(_cli.Host.CancelReason);
        Assert.Contains("run-1 goes on; see it again with 'lcnn watch run-1'", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("cancelled", _cli.Output, StringComparison.Ordinal);
        Assert.True(_cli.Host.IsDisposed);
    }

    [Fact]
    public async Task Interrupt_OfARunWithAnId_CancelsIt()
    {
        SendAtTheEnd(StopSignal.Interrupt);

        Assert.Equal(130, await _cli.RunLineAsync("train --cluster localhost --run-id run-1"));

        Assert.Equal("SIGINT", _cli.Host.CancelReason);
    }

    [Theory]
    [InlineData("SIGINT", 130)]
    [InlineData("dashboard", 1)]
    public async Task Train_IdOfARunThatWasCancelled_ExitsAsItDid(string reason, int expected)
    {
        _cli.Host.Events = [Sample.Started(), Sample.Cancelled() with { Reason = reason }];
        await _cli.Host.CancelAsync(reason, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await _cli.RunLineAsync("train --cluster localhost --run-id run-1"));
    }

    /// <summary>By then the folder holds snapshots of the run itself, and what is not given is as the run has it.</summary>
    [Fact]
    public async Task Train_ResumeAutoAndARunThatIsThere_AsksForThatRun()
    {
        _cli.Host.Started = Recipes.Default() with { Epochs = 7, OutputDirectory = "/runs/a", Seed = 5 };
        _cli.Host.Folder = new RunFolderContent { Problem = "nobody is to look into the folder" };

        Assert.Equal(0, await _cli.RunLineAsync("train --cluster localhost --run-id a --out /runs/a --resume auto --seed 5"));

        Assert.Equal(_cli.Host.Started with { ResumeFrom = "/runs/a" }, _cli.Spec);
    }

    [Fact]
    public async Task Train_ResumeAutoAndNoSuchRun_GoesByTheFolder()
    {
        Assert.Equal(0, await _cli.RunLineAsync("train --cluster localhost --run-id a --out /runs/a --resume auto --epochs 3"));

        Assert.Equal((3, null, "a"), (_cli.Spec.Epochs, _cli.Spec.ResumeFrom, _cli.Host.ChosenId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--watch")]
    public async Task Sweep_Id_IsTheSweeps(string options)
    {
        WriteSweep();
        _cli.Host.Sweep.Events = [SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.8)) with { Sequence = 1 }];

        Assert.Equal(0, await _cli.RunLineAsync($"sweep start sweep.yaml --cluster localhost --sweep-id a {options}"));

        Assert.Equal("a", _cli.Host.ChosenId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--watch")]
    public async Task Sweep_IdOfAnotherSpec_IsBadInput(string options)
    {
        WriteSweep();
        _cli.Host.StartError = new SweepExistsException("sweep a was started with another spec; give this one another id");

        Assert.Equal(2, await _cli.RunLineAsync($"sweep start sweep.yaml --cluster localhost --sweep-id a {options}"));

        Assert.Contains("sweep a was started with another spec", _cli.Error, StringComparison.Ordinal);
    }

    private void SendAtTheEnd(StopSignal signal)
    {
        _cli.Host.Events = [Sample.Started(), Sample.Cancelled()];
        _cli.Host.BeforeEvent = runEvent =>
        {
            if (runEvent is RunCancelled)
            {
                _cli.Signals.Send(signal);
            }
        };
    }

    private void WriteSweep() =>
        File.WriteAllText(Path.Combine(_cli.Folder, "sweep.yaml"), "base: {dataset: digits, arch: resnet8-lcnn, workers: 1}\nparameters: {lr: {values: [0.1]}}\n");
}
