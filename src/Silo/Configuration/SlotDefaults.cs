using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Silo.Configuration;

/// <summary>What a silo's options mean for its slots.</summary>
internal static class SlotDefaults
{
    public static void Apply(PlacementOptions placement, SiloOptions silo) =>
        (placement.Slots, placement.Devices) = (silo.Slots, silo.Devices);

    /// <summary>Puts a number in place of the default, which depends on the machine.</summary>
    public static void Fill(SiloOptions silo) => silo.Slots ??= silo.Devices switch
    {
        "cpu" => Environment.ProcessorCount,
        PlacementOptions.MachineDevices => ComputeDevice.NamesOfMachine() is var devices && devices[0] != "cpu" ? devices.Count : Environment.ProcessorCount,
        var listed => listed.Split(',').Length,
    };
}
