using Lcnn.Distributed.Grains.Placement;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

public sealed class PlacementOptionsTests
{
    [Theory]
    [InlineData(null, "auto", true)]
    [InlineData(8, "auto", true)]
    [InlineData(2, "cuda:0,cuda:1", true)]
    [InlineData(3, "cuda:0,cuda:1", false)]
    [InlineData(0, "cpu", false)]
    [InlineData(1, "cpu,cuda:0", false)]
    [InlineData(1, "gpu", false)]
    [InlineData(1, "", false)]
    public void Slots_OnDevices_AreCheckedTogether(int? slots, string devices, bool isValid)
    {
        var result = new PlacementOptionsValidator().Validate(null, new PlacementOptions { Slots = slots, Devices = devices });

        Assert.Equal(isValid, result.Succeeded);
    }

    [Fact]
    public void Slots_OnTheMachinesDevices_GoRoundThem()
    {
        var options = new PlacementOptions { Slots = 3 };

        Assert.Equal(["cuda:0", "cuda:1"], options.DeviceList(() => ["cuda:0", "cuda:1"]));
        Assert.Equal(3, options.SlotCount);
        Assert.Null(new PlacementOptions().SlotCount);
    }
}
