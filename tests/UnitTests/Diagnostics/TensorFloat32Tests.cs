using Lcnn.Distributed.Model.Native;
using TorchSharp;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

public sealed class TensorFloat32Tests
{
    [Fact]
    public void Hold_OnWhileItIsHeld_IsOffBeforeAndAfterAndRefusesTheOther()
    {
        NativeLibrary.Check();
        Assert.Equal((false, false), Setting());

        var first = TensorFloat32.Hold(allowed: true);
        var second = TensorFloat32.Hold(allowed: true);
        first.Dispose();
        first.Dispose();
        var refused = Assert.Throws<ArgumentException>(() => TensorFloat32.Hold(allowed: false));

        Assert.StartsWith("this process computes with TF32 on for another run, this one wants it off: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal((true, true), Setting());
        second.Dispose();
        Assert.Equal((false, false), Setting());
        TensorFloat32.Hold(allowed: false).Dispose();
    }

    private static (bool OfProducts, bool OfConvolutions) Setting() => (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32);
}
