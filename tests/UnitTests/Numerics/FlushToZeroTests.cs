using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Numerics;

public sealed class FlushToZeroTests
{
    private const float Denormal = 1e-39f;

    [Fact]
    public void Begin_UntilItIsDisposed_DenormalsAreZerosHereAndInLibtorch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "FlushToZero knows the C library of Linux alone");
        using var one = new OneThread();
        var t = ones(64).Times(Denormal);

        Assert.Equal((Denormal, (double)Denormal), Products());
        using (FlushToZero.Begin())
        {
            Assert.Equal((0f, 0.0), Products());
        }

        Assert.Equal((Denormal, (double)Denormal), Products());

        (float Here, double InLibtorch) Products() => (Product(Denormal, 1), (t * ones(64)).max().ReadDouble());
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static float Product(float left, float right) => left * right;
}
