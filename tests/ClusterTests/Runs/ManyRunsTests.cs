using Lcnn.Distributed.Client;
using Lcnn.Distributed.ClusterTests.Placement;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Many runs that are started at once on one silo, some of them in one folder.</summary>
[Collection(nameof(OwnTraining))]
public sealed class ManyRunsTests : IAsyncLifetime
{
    private static readonly (int All, int InOneFolder) _runs = TestTier.IsLong ? (200, 64) : (24, 8);

    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-many-").FullName;
    private SlotCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await SlotCluster.StartAsync(1);

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Start_SomeInOneFolder_EachFolderHoldsWhatItsRunReportedAndTheOthersSayWhy()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, _runs.All).Select(index => _cluster.Client.StartAsync(SpecOf(index), Token)));

        var ends = await Task.WhenAll(runs.Select(run => run.WaitAsync(Token)));

        var completed = ends.OfType<RunCompleted>().ToList();
        Assert.Equal(_runs.All - _runs.InOneFolder + 1, completed.Count);
        Assert.Equal(Directory.GetDirectories(_folder).Order(), completed.Select(end => end.Spec.OutputDirectory).Order());
        Assert.All(completed, AssertIntact);
        var refused = ends.Except(completed).Select(Assert.IsType<RunFailed>).ToList();
        Assert.All(refused, end => Assert.True(end.BadInput && SaysWhy(end.Error), end.Error));
    }

    private static bool SaysWhy(string error) =>
        error.Contains("is in use by run run-", StringComparison.Ordinal) || error.Contains("already holds a run", StringComparison.Ordinal);

    private static void AssertIntact(RunCompleted end)
    {
        var folder = end.Spec.OutputDirectory;
        Assert.Equal(end.WeightsSha256, WeightsHash.ComputeFile(Path.Combine(folder, SnapshotFiles.Model)));
        Assert.Equal(end.WeightsSha256, SnapshotStore.FindNewest(folder, Assert.Fail).WeightsSha256);
        var names = Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Where(name => !SnapshotName.TryParse(name, out _));
        Assert.Equal(["latest", SnapshotFiles.Model, "report.json", SnapshotFiles.Series], names.Order(StringComparer.Ordinal));
    }

    // Other seeds, so that another's model would show.
    private RunSpec SpecOf(int index) => Recipes.Default() with
    {
        Seed = index,
        Epochs = 1,
        BatchSize = 16,
        LogicalShards = 1,
        Workers = 1,
        ThreadsPerWorker = 1,
        TrainLimit = 32,
        CurvatureSamples = 0,
        Schedule = "constant",
        OutputDirectory = Path.Combine(_folder, index < _runs.InOneFolder ? "one" : $"own-{index}"),
    };
}
