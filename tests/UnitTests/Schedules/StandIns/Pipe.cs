using System.Net.Sockets;
using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>One direction of a connection.</summary>
internal sealed class Pipe(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private int _start;

    public int Count { get; private set; }

    /// <summary>Whether nothing follows what is there.</summary>
    public bool IsEnded { get; set; }

    /// <summary>What both ends are told once what is there is read.</summary>
    public SocketError? Broken { get; private set; }

    public int Room => _bytes.Length - Count;

    public void Break(SocketError error, bool dropsBytes)
    {
        Broken ??= error;
        Count = dropsBytes ? 0 : Count;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            _bytes[(_start + Count++) % _bytes.Length] = b;
        }
    }

    public void Read(Span<byte> place)
    {
        foreach (ref var b in place)
        {
            b = _bytes[_start];
            _start = (_start + 1) % _bytes.Length;
            Count--;
        }
    }

    /// <summary>All of it, or a part by choice.</summary>
    public static int Portion(Choices choices, int most) => most > 1 && choices.OneIn(8) ? 1 + choices.Below(most - 1) : most;
}
