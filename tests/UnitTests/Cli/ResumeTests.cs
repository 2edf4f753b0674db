using System.Text.Json.Nodes;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class ResumeTests : IDisposable
{
    private static readonly RunSpec _made = Recipes.Default("mnist", "resnet8") with
    {
        Epochs = 9,
        Seed = 5,
        LogicalShards = 4,
        Workers = 2,
        ThreadsPerWorker = 3,
        Transport = "stream",
        KeepSnapshots = 7,
        SnapshotEvery = 3,
        AllowMixed = true,
        BucketMegabytes = 4,
        CurvatureSamples = 17,
        PauseAfterEpoch = 1,
    };

    private readonly CliHarness _cli = new();

    private string Folder => Path.Combine(_cli.Folder, "a");

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("lost+found/")]
    [InlineData(".hidden")]
    public async Task Auto_NothingThere_StartsAfreshAndSaysSo(string? entry)
    {
        Make(entry);

        Assert.Equal(0, await _cli.RunLineAsync("train --out a --resume auto --epochs 3"));

        Assert.Equal((Folder, null, 3), (_cli.Spec.OutputDirectory, _cli.Spec.ResumeFrom, _cli.Spec.Epochs));
        Assert.Contains("the run starts afresh", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notes.txt", "is not empty and holds no snapshot")]
    [InlineData("step-4.g1.01234567/", "1 damaged")]
    public async Task Auto_NothingThatCouldGoOn_IsRefused(string entry, string reason)
    {
        Make(entry);

        Assert.Equal(2, await _cli.RunLineAsync("train --out a --resume auto"));

        Assert.Contains(reason, _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Spec);
    }

    [Theory]
    [InlineData("--resume auto", "needs --out")]
    [InlineData("--out a --resume auto --overwrite", "--overwrite")]
    public async Task Auto_WithoutAFolderOrWithOverwrite_IsRefused(string line, string reason)
    {
        Assert.Equal(2, await _cli.RunLineAsync($"train {line}"));

        Assert.Contains(reason, _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("")]
    public async Task Resume_SnapshotOfATrialThatPaused_KeepsAllButThePause(string value)
    {
        WriteSnapshot(_made);

        Assert.Equal(0, await _cli.RunLineAsync($"train --out a --resume {value} --epochs 4"));

        Assert.Equal(_made with { Epochs = 4, PauseAfterEpoch = 0, OutputDirectory = Folder, ResumeFrom = Folder }, _cli.Spec);
    }

    [Fact]
    public async Task Resume_OtherOptionsNow_AreSaidInALineEach()
    {
        WriteSnapshot(_made);

        Assert.Equal(0, await _cli.RunLineAsync("train --out a --resume --epochs 20 --lr 0.05 --workers 4 --keep 7 --json"));

        Assert.Equal(
            [
                "--epochs: 9 in the snapshot, 20 now", "--workers: 2 in the snapshot, 4 now", "--threads: 3 in the snapshot, 2 now",
                "--lr: 0.1 in the snapshot, 0.05 now",
            ],
            _cli.ErrorLines);
    }

    [Fact]
    public async Task Resume_DataFolderIsGone_SaysSoAndLooksInTheUsualPlaces()
    {
        WriteSnapshot(_made with { DataDirectory = "/nowhere/data" });

        Assert.Equal(0, await _cli.RunLineAsync("train --out a --resume"));

        Assert.Null(_cli.Spec.DataDirectory);
        Assert.Contains("'/nowhere/data' is not there any more", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_DataFolderIsThere_IsKept()
    {
        WriteSnapshot(_made with { DataDirectory = _cli.Folder });

        Assert.Equal(0, await _cli.RunLineAsync("train --out a --resume"));

        Assert.Equal(_cli.Folder, _cli.Spec.DataDirectory);
    }

    [Fact]
    public async Task Resume_MoreWorkersThanShards_IsRefusedInsteadOfChangingTheShards()
    {
        WriteSnapshot(_made);

        Assert.Equal(2, await _cli.RunLineAsync("train --out a --resume --workers 8"));

        Assert.Contains("--workers: expected at most one worker per logical shard (4), got 8", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_AnotherPreset_ChangesWhatRecipesDecideAlone()
    {
        WriteSnapshot(_made);

        Assert.Equal(0, await _cli.RunLineAsync("train --out a --resume --preset reference"));

        Assert.Equal(("mnist", "resnet8", "reference", "multistep"), (_cli.Spec.Dataset, _cli.Spec.Architecture, _cli.Spec.Preset, _cli.Spec.Schedule));
        Assert.Equal((5L, "stream", 7), (_cli.Spec.Seed, _cli.Spec.Transport, _cli.Spec.KeepSnapshots));
    }

    [Theory]
    [InlineData("--epochs 9", 0)]
    [InlineData("--epochs 9 --workers 1 --snapshot-every 5", 0)]
    [InlineData("--epochs 12", 1)]
    public async Task Auto_FinishedRun_EndsAtOnceUnlessMoreIsAsked(string line, int runs)
    {
        Finish();

        Assert.Equal(0, await _cli.RunLineAsync($"train --out a --resume auto --json {line}"));

        Assert.Equal(runs, _cli.Host.Spec is null ? 0 : 1);
        Assert.Contains("\"event\":\"completed\"", Assert.Single(_cli.OutputLines), StringComparison.Ordinal);
        Assert.Equal(runs == 0, _cli.Error.Contains("nothing is left to train", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Resume_OnACluster_StartsFromTheSpecThatTheSilosFind()
    {
        _cli.Host.Folder = new RunFolderContent { HasEntries = true, Snapshot = "there/step", Spec = ResumedSpecs.Inherit(_made) };

        Assert.Equal(0, await _cli.RunLineAsync("train --cluster localhost --out there --resume --epochs 20"));

        Assert.Equal(_made with { Epochs = 20, PauseAfterEpoch = 0, OutputDirectory = "there", ResumeFrom = "there" }, _cli.Spec);
    }

    [Fact]
    public async Task Auto_OnAClusterWithNothingThere_StartsAfresh()
    {
        Assert.Equal(0, await _cli.RunLineAsync("train --cluster localhost --out there --resume auto --detach"));

        Assert.Equal(("there", null, "digits"), (_cli.Spec.OutputDirectory, _cli.Spec.ResumeFrom, _cli.Spec.Dataset));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--detach")]
    public async Task Auto_OnAClusterWithOtherFiles_IsRefused(string option)
    {
        _cli.Host.Folder = new RunFolderContent { HasEntries = true };

        Assert.Equal(2, await _cli.RunLineAsync($"train --cluster localhost --out there --resume auto {option}"));

        Assert.Contains("--out: the folder 'there' is not empty", _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Spec);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--detach")]
    public async Task Auto_OnAClusterWithTheFinishedRun_EndsWithItsReport(string option)
    {
        _cli.Host.Folder = new RunFolderContent
        {
            HasEntries = true,
            Snapshot = "there/step",
            Spec = ResumedSpecs.Inherit(_made),
            Report = Sample.Completed() with { RunId = "run-9" },
        };

        Assert.Equal(0, await _cli.RunLineAsync($"train --cluster localhost --out there --resume auto --json {option}"));

        Assert.Contains("\"runId\":\"run-9\"", Assert.Single(_cli.OutputLines), StringComparison.Ordinal);
        Assert.Null(_cli.Host.Spec);
    }

    private void Finish()
    {
        var weights = WriteSnapshot(_made);
        var report = Sample.Completed() with { WeightsSha256 = weights, Spec = _made with { OutputDirectory = Folder } };
        File.WriteAllText(Path.Combine(Folder, "report.json"), RunEventJson.Serialize(report));
    }

    private string WriteSnapshot(RunSpec spec)
    {
        var run = new JsonObject();
        SnapshotEntries.Write(run, spec, "0123", new ModelInput(1, 8, 8, 3, ["cat", "dog", "eel"]));
        var tensor = new SafeTensor("weight", ElementType.F32, [1], new byte[4]);
        SnapshotWriter.Write(Folder, new SnapshotContent(4, 1, 1, [tensor], [tensor], run));
        return WeightsHash.Compute([tensor]);
    }

    private void Make(string? entry)
    {
        if (entry is not null)
        {
            Directory.CreateDirectory(Folder);
            if (entry.EndsWith('/'))
            {
                Directory.CreateDirectory(Path.Combine(Folder, entry));
            }
            else if (entry.Length > 0)
            {
                File.WriteAllText(Path.Combine(Folder, entry), "x");
            }
        }
    }
}
