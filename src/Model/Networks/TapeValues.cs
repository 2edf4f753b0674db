using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The tensors on their way through a pass, one a value of the network: outputs going forward, slopes going backward.</summary>
/// <remarks>Sums are made in place where nobody else holds the memory, and factors wait for a sum that takes them without a pass of their own.</remarks>
internal sealed class TapeValues(int count)
{
    private readonly Value?[] _values = new Value?[count];
    private readonly int[] _read = new int[count];

    private sealed record Value(Tensor Tensor, double Factor, bool IsShared, bool IsOwn);

    public bool Has(int value) => _values[value] is not null;

    /// <summary>Puts in a tensor that stays the caller's.</summary>
    public void Borrow(int value, Tensor tensor) => _values[value] = new Value(tensor, 1, IsShared: true, IsOwn: false);

    /// <summary>Puts in a fresh tensor and takes it over.</summary>
    public void Own(int value, Tensor tensor) => _values[value] = new Value(tensor.DetachFromDisposeScope(), 1, IsShared: false, IsOwn: true);

    public Tensor Read(int value) => _values[value]!.Tensor;

    /// <summary>The weighted sum of some values: the first itself where it is alone.</summary>
    public Tensor Gather(IReadOnlyList<Source> sources)
    {
        var sum = Read(sources[0].Value);
        for (var i = 1; i < sources.Count; i++)
        {
            sum = sum.PlusScaled(Read(sources[i].Value), sources[i].Factor);
        }

        return sum;
    }

    /// <summary>One reader of a value is done; the last one drops it.</summary>
    public void CountReader(int value, int readers)
    {
        if (++_read[value] == readers)
        {
            Drop(value);
        }
    }

    /// <summary>The value with its factor in it.</summary>
    public Tensor Materialize(int value)
    {
        var held = _values[value]!;
        return held.Factor == 1 ? held.Tensor : held.Tensor.Times(held.Factor);
    }

    /// <summary>Adds a fresh slope, which it takes over, to each source that it came from.</summary>
    public void Spread(IReadOnlyList<Source> sources, Tensor slope)
    {
        var isShared = sources.Count > 1;
        for (var i = 0; i < sources.Count; i++)
        {
            var own = i == sources.Count - 1 ? slope : slope.detach();
            Add(sources[i].Value, new Value(own.DetachFromDisposeScope(), sources[i].Factor, isShared, IsOwn: true));
        }
    }

    /// <summary>Takes a value out, if it is there.</summary>
    public Tensor? TakeOwn(int value)
    {
        var held = _values[value];
        _values[value] = null;
        return held?.Tensor;
    }

    public void Drop(int value)
    {
        if (_values[value] is { IsOwn: true } held)
        {
            held.Tensor.Dispose();
        }

        _values[value] = null;
    }

    public void Clear()
    {
        for (var value = 0; value < count; value++)
        {
            Drop(value);
        }

        Array.Clear(_read);
    }

    private void Add(int value, Value more)
    {
        if (_values[value] is not { } held)
        {
            _values[value] = more;
        }
        else if (!more.IsShared && more.Factor == 1)
        {
            more.Tensor.PlusScaledInPlace(held.Tensor, held.Factor);
            held.Tensor.Dispose();
            _values[value] = more;
        }
        else
        {
            var sum = (held.Factor == 1 ? held.Tensor : held.Tensor.Times(held.Factor)).PlusScaled(more.Tensor, more.Factor);
            held.Tensor.Dispose();
            more.Tensor.Dispose();
            _values[value] = new Value(sum.DetachFromDisposeScope(), 1, IsShared: false, IsOwn: true);
        }
    }
}
