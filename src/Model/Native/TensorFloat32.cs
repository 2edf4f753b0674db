using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Native;

/// <summary>Whether GPUs may round the factors of float32 products to ten bits (TF32): faster, and sigma, Hessian products and losses are off by about 1e-3.</summary>
/// <remarks>It is one setting of the process, so all that computes there at the same time must want the same; libtorch's own default, on for convolutions, is off here.</remarks>
public sealed class TensorFloat32 : IDisposable
{
    private static readonly Lock _gate = new();
    private static int _holders;
    private static bool _allowed;
    private int _isReleased;

    private TensorFloat32()
    {
    }

    /// <summary>Holds the setting until disposed.</summary>
    /// <exception cref="ArgumentException">Something else in this process holds the other one.</exception>
    public static TensorFloat32 Hold(bool allowed)
    {
        lock (_gate)
        {
            if (_holders > 0 && _allowed != allowed)
            {
                throw new ArgumentException(
                    $"this process computes with TF32 {Name(_allowed)} for another run, this one wants it {Name(allowed)}: start it when that has ended, or on another silo");
            }

            _holders++;
            _allowed = allowed;
            Set(allowed);
            return new TensorFloat32();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) != 0)
        {
            return;
        }

        lock (_gate)
        {
            if (--_holders == 0)
            {
                Set(false);
            }
        }
    }

    internal static void Set(bool allowed)
    {
        backends.cuda.matmul.allow_tf32 = allowed;
        backends.cudnn.allow_tf32 = allowed;
    }

    private static string Name(bool allowed) => allowed ? "on" : "off";
}
