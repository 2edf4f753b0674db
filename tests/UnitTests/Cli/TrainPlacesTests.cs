using System.Text.Json;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class TrainPlacesTests
{
    [Fact]
    public async Task Train_NoPlaceGiven_RunsInThisProcess()
    {
        using var cli = new CliHarness();

        Assert.Equal(0, await cli.RunLineAsync("train --workers 3"));

        Assert.Equal(new RunPlace.ThisProcess(3), cli.Host.Place);
    }

    [Theory]
    [InlineData("--cluster redis://host", "")]
    [InlineData("", "redis://host")]
    public async Task Train_OnACluster_PassesFoldersOnAsTyped(string option, string variable)
    {
        using var cli = new CliHarness();
        cli.Variables["LCNN_CLUSTER"] = variable;

        Assert.Equal(0, await cli.RunLineAsync($"train {option} --data-dir /there/data --resume old --out new"));

        Assert.Equal("redis://host:6379", Assert.IsType<RunPlace.Cluster>(cli.Host.Place).Address.ToString());
        Assert.Equal(("/there/data", "old", "new", 0), (cli.Spec.DataDirectory, cli.Spec.ResumeFrom, cli.Spec.OutputDirectory, cli.Spec.ThreadsPerWorker));
        Assert.Empty(Directory.EnumerateFileSystemEntries(cli.Folder));
    }

    [Fact]
    public async Task Train_OnAClusterWithoutOut_LeavesTheFolderToTheRun()
    {
        using var cli = new CliHarness();

        Assert.Equal(0, await cli.RunLineAsync("train --cluster localhost"));

        Assert.Equal("", cli.Spec.OutputDirectory);
    }

    [Theory]
    [InlineData("--local-silos 2", 2, 1, false)]
    [InlineData("--local-silos 2 --workers 5", 2, 3, false)]
    [InlineData("--local-silos 3 --cluster redis://host", 3, 1, true)]
    public async Task Train_OnLocalSilos_DealsOutTheSlots(string line, int count, int slots, bool hasRedis)
    {
        using var cli = new CliHarness();

        Assert.Equal(0, await cli.RunLineAsync($"train {line}"));

        var place = Assert.IsType<RunPlace.LocalSilos>(cli.Host.Place);
        Assert.Equal((count, slots, hasRedis), (place.Count, place.SlotsEach, place.Redis is not null));
        Assert.Equal(!hasRedis, cli.Error.Contains("losing the first silo ends the run", StringComparison.Ordinal));
        Assert.StartsWith(cli.Folder, cli.Spec.OutputDirectory, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "run-1")]
    [InlineData("--json", "{\"event\":\"submitted\",\"schema\":1,\"runId\":\"run-1\"}")]
    public async Task Train_Detached_PrintsTheIdAndLeaves(string option, string expected)
    {
        using var cli = new CliHarness();
        cli.Host.BeforeEvent = _ => Assert.Fail("it watched");

        Assert.Equal(0, await cli.RunLineAsync($"train --cluster localhost --detach {option}"));

        Assert.Equal(expected, Assert.Single(cli.OutputLines));
        Assert.True(cli.Host.IsDisposed);
    }

    [Fact]
    public async Task Train_DetachedAndRefused_IsBadInput()
    {
        using var cli = new CliHarness();
        cli.Host.StartError = new InvalidSpecException([new SpecProblem(nameof(RunSpec.OutputDirectory), "holds a run")]);

        Assert.Equal(2, await cli.RunLineAsync("train --cluster localhost --detach --json"));

        using var failed = JsonDocument.Parse(Assert.Single(cli.OutputLines));
        Assert.Equal("--out: holds a run", failed.RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Train_PlaceIsLost_EndsWithItsReason()
    {
        using var cli = new CliHarness();
        cli.Host.Events = [Sample.Started(), Sample.Cancelled()];
        cli.Host.BeforeEvent = runEvent =>
        {
            if (runEvent is RunCancelled)
            {
                cli.Host.Lose("the first silo has ended");
            }
        };

        Assert.Equal(1, await cli.RunLineAsync("train --local-silos 2 --json"));

        Assert.Contains("\"error\":\"the first silo has ended\"", cli.OutputLines[^1], StringComparison.Ordinal);
    }
}
