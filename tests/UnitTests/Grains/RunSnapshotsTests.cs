using System.Text.Json.Nodes;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.UnitTests.Data;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RunSnapshotsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FindResumable_SameSpec_GivesTheNewestFolder()
    {
        Write(new RunSpec(), step: 1);
        var newest = Write(new RunSpec(), step: 12);

        Assert.Equal(newest, Find(new RunSpec()));
    }

    [Fact]
    public void FindResumable_OtherOptionsThatMayChange_IsTheSameTraining()
    {
        var written = Write(new RunSpec(), step: 1);

        Assert.Equal(written, Find(new RunSpec { Workers = 1, ThreadsPerWorker = 3, Epochs = 99, LearningRate = 0.05, Augment = true, OutputDirectory = "elsewhere" }));
    }

    [Fact]
    public void FindResumable_OtherTraining_NamesEveryDifference()
    {
        var made = new RunSpec();
        var written = Write(made, step: 1);
        var now = new RunSpec
        {
            Dataset = "mnist",
            Architecture = "resnet8",
            Loss = "ce",
            BatchSize = 128,
            LogicalShards = 4,
            Seed = 2,
            TrainLimit = 99,
            SpectralGrid = "true",
            RunningStatistics = "warm",
        };

        var problem = Assert.Throws<WorkerInputException>(() => Find(now));

        Assert.Contains(written, problem.Message, StringComparison.Ordinal);
        Assert.All(
            [
                "--dataset was digits, now mnist", "--arch was resnet8-lcnn, now resnet8", "--loss was curvature, now ce",
                "--batch-size was 64, now 128", "--shards was 2, now 4", "--seed was 1729, now 2", "--train-limit was 0, now 99",
                "--spectral-grid was reference, now true", "--running-statistics was reference, now warm",
            ],
            difference => Assert.Contains(difference, problem.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void FindResumable_NewestIsDamaged_WarnsAndTakesTheOneBefore()
    {
        var whole = Write(new RunSpec(), step: 1);
        var damaged = Write(new RunSpec(), step: 2);
        File.WriteAllText(Path.Combine(damaged, "model.safetensors"), "torn");
        var warnings = new List<string>();

        var found = Find(new RunSpec(), warnings);

        Assert.Equal(whole, found);
        Assert.Contains(Path.GetFileName(damaged), Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void FindResumable_EmptyFolder_IsACheckpointProblem() => Assert.Throws<CheckpointException>(() => Find(new RunSpec()));

    private string Find(RunSpec spec, List<string>? said = null) => RunSnapshots.FindResumable(
        spec with { ResumeFrom = _folder.Path }, warning => (said ?? throw new InvalidOperationException($"unexpected warning: {warning}")).Add(warning)).Folder;

    private string Write(RunSpec spec, long step)
    {
        var run = new JsonObject();
        SnapshotEntries.Write(run, spec, "0123", new ModelInput(1, 8, 8, 3, ["cat", "dog", "eel"]));
        var tensor = new SafeTensor("weight", ElementType.F32, [1], new byte[4]);
        return _folder[SnapshotWriter.Write(_folder.Path, new SnapshotContent(step, 1, 1, [tensor], [tensor], run)).ToString()];
    }
}
