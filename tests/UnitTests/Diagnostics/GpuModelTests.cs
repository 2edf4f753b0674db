using Lcnn.Distributed.Model.Diagnostics;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

public sealed class GpuModelTests
{
    [Fact]
    public void OfMachine_WhatTheDriverSays_IsEveryModelOnce()
    {
        var folder = Directory.CreateTempSubdirectory("gpus-");
        foreach (var (bus, model) in new[] { ("0000:01:00.0", "NVIDIA H200"), ("0000:02:00.0", "NVIDIA A100"), ("0000:03:00.0", "NVIDIA H200") })
        {
            File.WriteAllText(Path.Combine(folder.CreateSubdirectory(bus).FullName, "information"), $"Model: \t\t {model}\nIRQ:   \t\t 17\n");
        }

        Assert.Equal("NVIDIA A100, NVIDIA H200", GpuModel.OfMachine(folder.FullName));
        Assert.Equal("", GpuModel.OfMachine(Path.Combine(folder.FullName, "none")));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Identity_OfADeviceThatVaries_IsWhatItIsAndNotItsLastHash()
    {
        var varying = new NumericalFingerprint("2.10.0", "cuda:0", "one", "aaaa", Repeatable: false);

        Assert.Equal(varying.Identity, (varying with { PassHash = "bbbb", Device = "cuda:1" }).Identity);
        Assert.NotEqual(varying.Identity, (varying with { Repeatable = true }).Identity);
        Assert.NotEqual(varying.Identity, (varying with { Device = "cpu" }).Identity);
    }
}
