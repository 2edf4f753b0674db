using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Runs;

namespace Lcnn.Distributed.UnitTests.Grains;

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
        for (var number = 0; number < RunCatalog.Capacity + 5; number++)
        {
            _catalog.Record(Entry(number));
        }

        Assert.Equal(RunCatalog.Capacity, _catalog.Runs.Count);
        Assert.Equal(("run-1004", "run-5"), (_catalog.Runs[0].RunId, _catalog.Runs[^1].RunId));
    }

    private static RunEntry Entry(int number) =>
        new($"run-{number}", DateTimeOffset.UnixEpoch.AddSeconds(number), RunPhase.Starting, "digits", "resnet8", 2, "/runs");
}
