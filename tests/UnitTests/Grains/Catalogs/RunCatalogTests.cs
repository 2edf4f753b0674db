using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Catalogs;

namespace Lcnn.Distributed.UnitTests.Grains.Catalogs;

public sealed class RunCatalogTests
{
    private readonly RunCatalog _catalog = new();

    [Fact]
    public void Record_InAnyOrder_NewestComesFirst()
    {
        int[] order = [2, 0, 3, 1];

        Assert.All(order, number => Assert.True(_catalog.Record(Entry(number))));

        Assert.Equal(["run-3", "run-2", "run-1", "run-0"], _catalog.Runs.Select(run => run.RunId));
    }

    [Fact]
    public void Record_KnownRun_IsReplaced()
    {
        _catalog.Record(Entry(0));
        _catalog.Record(Entry(1));

        Assert.False(_catalog.Record(Entry(0)));
        Assert.True(_catalog.Record(Entry(0) with { Phase = RunPhase.Completed }));

        Assert.Equal([("run-1", RunPhase.Starting), ("run-0", RunPhase.Completed)], _catalog.Runs.Select(run => (run.RunId, run.Phase)));
    }

    [Fact]
    public void Record_BeyondTheCapacity_ForgetsTheOldest()
    {
        for (var number = 0; number < Catalog.Capacity + 5; number++)
        {
            _catalog.Record(Entry(number));
        }

        Assert.Equal(Catalog.Capacity, _catalog.Runs.Count);
        Assert.Equal(("run-1004", "run-5"), (_catalog.Runs[0].RunId, _catalog.Runs[^1].RunId));
    }

    [Fact]
    public void Record_BeyondTheCapacity_ForgetsFinishedTrialsBeforeOtherRuns()
    {
        _catalog.Record(Entry(0));
        _catalog.Record(Entry(1) with { Phase = RunPhase.Failed });
        for (var number = 1; number <= Catalog.Capacity; number++)
        {
            _catalog.Record(new RunEntry(
                $"sweep-1-{number:d4}", DateTimeOffset.UnixEpoch.AddSeconds(10 + number), RunPhase.Completed, "digits", "resnet8", 1, $"/sweep/trial-{number:d4}", "sweep-1"));
        }

        Assert.Equal(["sweep-1-0003", "run-1", "run-0"], _catalog.Runs.TakeLast(3).Select(run => run.RunId));
    }

    [Theory]
    [InlineData("run-20260101-120000-12345678", "runs/run-20260101-120000-12345678")]
    [InlineData("run-20260101-120000-00000012", "/sweep/trial-00000012")]
    public void IsTrial_RunOfNoSweep_IsFalseWhateverItsNames(string id, string folder)
    {
        var entry = Entry(0) with { RunId = id, OutputDirectory = folder };

        Assert.False(entry.IsTrial());
        Assert.True((entry with { SweepId = "sweep-1" }).IsTrial());
    }

    private static RunEntry Entry(int number) =>
        new($"run-{number}", DateTimeOffset.UnixEpoch.AddSeconds(number), RunPhase.Starting, "digits", "resnet8", 2, "/runs");
}
