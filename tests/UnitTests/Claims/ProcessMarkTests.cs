using System.Diagnostics;
using Lcnn.Distributed.Data.Claims;

namespace Lcnn.Distributed.UnitTests.Claims;

public sealed class ProcessMarkTests
{
    [Fact]
    public void IsAlive_ThisProcessAndItsParent_AreAndAreTwo()
    {
        Assert.True(ProcessMark.Current.IsAlive());
        Assert.Equal(Environment.ProcessId, ProcessMark.Current.Id);
        if (OperatingSystem.IsLinux())
        {
            Assert.True(ProcessMark.Parent?.IsAlive());
            Assert.NotEqual(ProcessMark.Current, ProcessMark.Parent);
        }
    }

    [Fact]
    public void IsAlive_NumberWasGivenToAnotherSince_IsNot() => Assert.False((ProcessMark.Current with { Start = "1" }).IsAlive());

    [Fact]
    public void IsAlive_ProcessHasEnded_IsNot()
    {
        using var process = Process.Start("sleep", "0");
        process.WaitForExit();

        Assert.False((ProcessMark.Current with { Id = process.Id }).IsAlive());
    }

    [Fact]
    public void IsAlive_OnAnotherMachineOrNoNumber_CannotBeTold()
    {
        Assert.Null((ProcessMark.Current with { Place = "elsewhere" }).IsAlive());
        Assert.Null((ProcessMark.Current with { Id = -1 }).IsAlive());
    }
}
