using CsCheck;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

public sealed class GangPlacementPropertyTests
{
    private static readonly Gen<(ClusterOperation Operation, int Index)[]> _operations =
        Gen.Select(Gen.Enum<ClusterOperation>(), Gen.Int[0, GangSimulation.Runs - 1]).Array[1, 60];

    /// <summary>The simulation checks that no slot is given twice and that no run is overtaken, unless by sweeps in turn; here, that all come to an end.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnySequence_OfRequestsReleasesAndLosses_GivesNoSlotTwiceOvertakesNobodyAndEnds(bool isOfSweeps)
    {
        await Gen.Select(Gen.Int[1, 4].Array[1, 4], Gen.Int[1, 5].Array[GangSimulation.Runs], _operations).SampleAsync(
            async (slots, minimums, operations) =>
            {
                var simulation = new GangSimulation(slots, minimums, isOfSweeps);
                foreach (var (operation, index) in operations)
                {
                    await simulation.StepAsync(operation, index);
                }

                Assert.Empty(await simulation.EndAsync());
            },
            iter: 300);
    }
}
