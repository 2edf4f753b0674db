using System.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>The memory of a tensor on the processor: images as lines of W C numbers, anything else as one line a sample.</summary>
internal readonly unsafe struct Pixels<T> : IDisposable
    where T : unmanaged, INumber<T>
{
    private readonly Tensor _dense;
    private readonly T* _start;

    private Pixels(Tensor dense)
    {
        _dense = dense;
        var shape = dense.shape;
        Channels = (int)shape[^1];
        Width = (int)(shape.Length == 4 ? shape[2] * shape[3] : shape[^1]);
        Lines = (int)(dense.numel() / Width);
        fixed (byte* bytes = dense.bytes)
        {
            _start = (T*)bytes; // native memory, which stays where it is
        }
    }

    public int Lines { get; }

    public int Width { get; }

    public int Channels { get; }

    /// <summary>Of a tensor; of a copy where images are not channels-last.</summary>
    public static Pixels<T> Of(Tensor t)
    {
        using var detached = t.detach();
        using var last = detached.ndim == 4 ? detached.permute(0, 2, 3, 1) : detached.detach();
        return new Pixels<T>(last.contiguous().DetachFromDisposeScope());
    }

    public Span<T> Line(int line) => new(_start + ((long)line * Width), Width);

    /// <summary>One number a channel, along a line.</summary>
    public T[] Spread(double[] values)
    {
        var line = new T[Width];
        for (var start = 0; start < Width; start += Channels)
        {
            for (var channel = 0; channel < Channels; channel++)
            {
                line[start + channel] = T.CreateTruncating(values[channel]);
            }
        }

        return line;
    }

    /// <inheritdoc/>
    public void Dispose() => _dense.Dispose();
}
