using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Runs;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RunFingerprintsTests
{
    [Fact]
    public void Check_AllTheSame_Passes() => RunFingerprints.Check(Workers("a", "a", "a"), allowMixed: false);

    [Fact]
    public void Check_SomeDiffer_NamesTheirRanksAndBothFingerprints()
    {
        var problem = Assert.Throws<WorkerInputException>(() => RunFingerprints.Check(Workers("alpha", "beta", "alpha", "gamma"), allowMixed: false));

        Assert.StartsWith("ranks 1, 3 ", problem.Message, StringComparison.Ordinal);
        Assert.Contains("(beta, expected alpha)", problem.Message, StringComparison.Ordinal);
        Assert.Contains("--allow-mixed", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SomeDifferAndMixedIsAllowed_Passes() => RunFingerprints.Check(Workers("a", "b"), allowMixed: true);

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
