using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>Where our own steps are made in golden tests: LCNN_TEST_DEVICE, such as cuda:0, or else the processor.</summary>
internal static class TestDevice
{
    public static ComputeDevice Chosen { get; } = Environment.GetEnvironmentVariable("LCNN_TEST_DEVICE") is { Length: > 0 } name ? ComputeDevice.Find(name) : ComputeDevice.Cpu;
}
