using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class RunCatalogTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Record_ThenListed_IsStoredAndNewestFirst()
    {
        var catalog = cluster.Grains.GetGrain<IRunCatalogGrain>(0);
        var older = new RunEntry("catalog-1", DateTimeOffset.MaxValue.AddDays(-2), RunPhase.Starting, "digits", "resnet8", 2, "/runs/a");
        var newer = older with { RunId = "catalog-2", SubmittedAt = older.SubmittedAt.AddHours(1) };

        await catalog.RecordAsync(newer, TestContext.Current.CancellationToken);
        await catalog.RecordAsync(older, TestContext.Current.CancellationToken);
        await catalog.RecordAsync(older with { Phase = RunPhase.Completed }, TestContext.Current.CancellationToken);

        Assert.Equal([newer, older with { Phase = RunPhase.Completed }], await cluster.Client.ListRunsAsync(2, TestContext.Current.CancellationToken));
    }
}
