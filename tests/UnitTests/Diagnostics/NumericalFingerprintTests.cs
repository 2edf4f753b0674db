using Lcnn.Distributed.Model.Diagnostics;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

public sealed class NumericalFingerprintTests
{
    [Fact]
    public void Compute_Twice_IsMeasuredOnce()
    {
        Assert.Same(NumericalFingerprint.Compute(), NumericalFingerprint.Compute("cpu"));
    }

    [Fact]
    public void Compute_FailedDevice_IsTriedAgain()
    {
        var first = Assert.Throws<InvalidOperationException>(() => NumericalFingerprint.Compute("cuda:99"));
        var second = Assert.Throws<InvalidOperationException>(() => NumericalFingerprint.Compute("cuda:99"));

        Assert.StartsWith("The fingerprint pass failed on cuda:99: ", first.Message, StringComparison.Ordinal);
        Assert.NotSame(first, second);
    }

    [Fact]
    public void Measure_Twice_IsTheSame()
    {
        var first = NumericalFingerprint.Measure("cpu");
        var second = NumericalFingerprint.Measure("cpu");

        Assert.Equal(first, second);
        Assert.Null(first.DifferenceFrom(second));
        Assert.True(first.Repeatable);
        Assert.Matches("^[0-9a-f]{16}$", first.PassHash);
    }

    [Fact]
    public async Task Measure_OnOtherThreadsAtOnce_IsTheSame()
    {
        var here = NumericalFingerprint.Measure("cpu");

        var there = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => NumericalFingerprint.Measure("cpu"))));

        Assert.All(there, fingerprint => Assert.Equal(here, fingerprint));
    }

    [Fact]
    public void DifferenceFrom_OtherHash_NamesBothSides()
    {
        var mine = new NumericalFingerprint("2.10.0", "cpu", "one (AVX2)", "aaaa", Repeatable: true);
        var theirs = mine with { Processor = "two (AVX-512)", PassHash = "bbbb" };

        Assert.Equal("the fixed pass gives aaaa on one (AVX2), bbbb on two (AVX-512)", mine.DifferenceFrom(theirs));
        Assert.Null(mine.DifferenceFrom(mine with { Processor = "two" }));
    }
}
