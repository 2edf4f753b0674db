using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Training;

public sealed class OwnerPlanTests
{
    public static TheoryData<string, int> Cases => [.. from name in Architectures.Names from workers in new[] { 1, 2, 3, 5, 8 } select (name, workers)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Assign_AnyNetwork_GivesEveryLayerOneKnownOwner(string name, int workers)
    {
        var network = Build(name);

        var owners = OwnerPlan.Assign(network, workers);

        Assert.Equal(network.Layers.Count, owners.Length);
        Assert.All(owners, owner => Assert.InRange(owner, 0, workers - 1));
        Assert.Equal(owners, OwnerPlan.Assign(Build(name), workers));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Assign_AnyNetwork_IsAsEvenAsItsHeaviestLayerAllows(string name, int workers)
    {
        var network = Build(name);

        var owners = OwnerPlan.Assign(network, workers);

        // Greedy from the heaviest on: no rank exceeds the mean by more than one layer. The plan's own cost is at least the bytes'.
        var cost = network.Layers.Select(layer => layer.EffectiveCount + (0.05 * layer.SpectralMacs)).ToList();
        var loads = new double[workers];
        foreach (var (owner, weight) in owners.Zip(cost))
        {
            loads[owner] += weight;
        }

        Assert.True(loads.Max() <= (cost.Sum() / workers) + cost.Max(), string.Join(", ", loads));
    }

    [Fact]
    public void Assign_MoreWorkersThanLayers_LeavesSomeWithoutLayers()
    {
        var network = SmallNetwork.Build();

        var owners = OwnerPlan.Assign(network, network.Layers.Count + 3);

        Assert.Equal(network.Layers.Count, owners.Distinct().Count());
    }

    private static Network Build(string name) => Architectures.Build(name, new ImageShape(3, 32, 32), 10);
}
