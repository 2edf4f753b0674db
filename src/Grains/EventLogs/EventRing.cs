
using Lcnn.Distributed.Contracts;

namespace Lcnn.Distributed.Grains.EventLogs;

/// <summary>The newest events of a log in order; a read costs what it returns.</summary>
internal sealed class EventRing<TEvent>(int capacity)
    where TEvent : class, INumberedEvent
{
    private const int FirstSize = 16;
    private TEvent[] _events = new TEvent[Math.Min(FirstSize, capacity)];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Number of the oldest event held; one above <see cref="LastSequence"/> when there is none.</summary>
    public long FirstSequence => Count == 0 ? LastSequence + 1 : this[0].Sequence;

    /// <summary>Number of the newest event ever added.</summary>
    public long LastSequence { get; private set; }

    private TEvent this[int index] => _events[(_head + index) % _events.Length];

    /// <summary>Adds an event newer than all others, at the cost of the oldest when it is full.</summary>
    public void Add(TEvent added)
    {
        if (Count == capacity)
        {
            DropOldest();
        }
        else if (Count == _events.Length)
        {
            Grow();
        }

        _events[(_head + Count) % _events.Length] = added;
        Count++;
        LastSequence = added.Sequence;
    }

    /// <summary>The oldest events after a position.</summary>
    public TEvent[] After(long sequence, int limit)
    {
        var start = sequence == long.MaxValue ? Count : Find(sequence + 1);
        return Slice(start, Math.Min(limit, Count - start));
    }

    /// <summary>The newest events before a position, in order.</summary>
    public TEvent[] Before(long sequence, int limit)
    {
        var end = Find(sequence);
        var count = Math.Min(limit, end);
        return Slice(end - count, count);
    }

    /// <summary>Drops what need not be kept, but never the newest.</summary>
    public void Keep(Func<TEvent, bool> isKept)
    {
        TEvent[] kept = [.. Slice(0, Count).Where((held, index) => index == Count - 1 || isKept(held))];
        if (kept.Length < Count)
        {
            (_events, _head, Count) = (kept, 0, kept.Length);
        }
    }

    private void DropOldest()
    {
        _events[_head] = null!;
        _head = (_head + 1) % _events.Length;
        Count--;
    }

    private void Grow()
    {
        var larger = new TEvent[(int)Math.Min(capacity, 2L * _events.Length)];
        Slice(0, Count).CopyTo(larger, 0);
        (_events, _head) = (larger, 0);
    }

    // Index of the first event whose number is not below the given one.
    private int Find(long sequence)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle].Sequence < sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private TEvent[] Slice(int start, int count)
    {
        var slice = new TEvent[count];
        for (var i = 0; i < count; i++)
        {
            slice[i] = this[start + i];
        }

        return slice;
    }
}
