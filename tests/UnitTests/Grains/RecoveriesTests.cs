using Lcnn.Distributed.Grains.Runs;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RecoveriesTests
{
    private static readonly RunOptions _options = new() { MaxRecoveries = 3, MaxSiloLosses = 5 };

    [Theory]
    [InlineData(0, 3, null)]
    [InlineData(0, 4, "step 8: no progress after 3 recoveries")]
    [InlineData(5, 3, null)] // neither counts as the other
    [InlineData(6, 0, "step 8: no progress after 5 recoveries")]
    public void Objection_LossesAtOneStep_ComesBeyondEitherAllowance(int silos, int workers, string? expected)
    {
        var record = new RunRecord();
        for (var loss = 0; loss < silos + workers; loss++)
        {
            record = Recoveries.Count(record, step: 7, isSiloLoss: loss < silos);
        }

        Assert.Equal(expected, Recoveries.Objection(record, _options));
        Assert.Equal(silos + workers, record.RecoveryCount);
    }

    [Fact]
    public void Count_AStepInBetween_BeginsAnew()
    {
        var record = new RunRecord { RecoveryCount = 8, RecoveryStep = 7, RecoveriesAtStep = 3, SiloLossesAtStep = 5 };

        record = Recoveries.Count(record, step: 8, isSiloLoss: false);

        Assert.Equal((9, 8L, 1, 0), (record.RecoveryCount, record.RecoveryStep, record.RecoveriesAtStep, record.SiloLossesAtStep));
    }

    [Fact]
    public void Count_ReplayHasNotReachedTheStepYet_StaysAtIt()
    {
        var record = Recoveries.Count(new RunRecord { RecoveryStep = 7, RecoveriesAtStep = 2 }, step: 5, isSiloLoss: false);

        Assert.Equal((7L, 3), (record.RecoveryStep, record.RecoveriesAtStep));
    }
}
