using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Wire;

/// <summary>The memory of a contiguous CPU tensor. Whoever holds it sees to it that the tensor lives as long.</summary>
internal sealed unsafe class TensorMemory : MemoryManager<byte>
{
    private readonly byte* _start;
    private readonly int _length;

    public TensorMemory(Tensor t)
    {
        var bytes = t.bytes;
        _start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
        _length = bytes.Length;
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
        // Native memory never moves.
    }

    protected override void Dispose(bool disposing)
    {
        // The tensor owns the memory.
    }
}
