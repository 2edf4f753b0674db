using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Runs;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RunFingerprintsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a")]
    public void FindOdd_AllTheSame_NoneIs(string first) => Assert.Null(RunFingerprints.FindOdd(Workers("a", "a", "a"), first));

    [Fact]
    public void FindOdd_SomeDiffer_NamesTheirRanksAndBothFingerprints()
    {
        var odd = RunFingerprints.FindOdd(Workers("alpha", "beta", "alpha", "gamma"), first: "");

        Assert.Equal(1, odd?.Rank);
        Assert.StartsWith("ranks 1, 3 ", odd?.Problem, StringComparison.Ordinal);
        Assert.Contains("rank 0 (beta, expected alpha)", odd?.Problem, StringComparison.Ordinal);
        Assert.Contains("--allow-mixed", odd?.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void FindOdd_AllTheSameButNotAsTheRunBegan_NamesThem()
    {
        var odd = RunFingerprints.FindOdd(Workers("beta", "beta"), first: "alpha");

        Assert.Equal(0, odd?.Rank);
        Assert.StartsWith("ranks 0, 1 have another libtorch, device, data set or operation than the run began with (beta, expected alpha)", odd?.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 2)]
    [InlineData(1, 2, 3)]
    [InlineData(2, 5, 3)]
    public void Describe_ThreeWorkersOnEightShards_GivesContiguousRanges(int rank, int first, int count)
    {
        var described = RunFingerprints.Describe(
            new WorkerJoined { Rank = rank, OwnedLayers = 4, Device = "cpu", Threads = 2, Silo = "here" }, worldSize: 3, shards: 8);

        Assert.Equal(new RankAssignment(rank, first, count, 4, 2, "cpu", "here"), described);
    }

    private static WorkerJoined[] Workers(params string[] fingerprints) =>
        [.. fingerprints.Select((fingerprint, rank) => new WorkerJoined { Rank = rank, Fingerprint = fingerprint })];
}
