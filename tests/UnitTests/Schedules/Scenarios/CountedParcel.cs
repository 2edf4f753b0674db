using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>A parcel whose handles are counted: each is to be given back once.</summary>
internal sealed record CountedParcel(int Number, ParcelCount Count) : Parcel
{
    public const int Bytes = 10;

    private bool _isReleased;

    public override long ByteCount => Bytes;

    public override Parcel ShareForWire() => Count.Create(Number);

    protected override void Release()
    {
        Count.Schedule.Check(!_isReleased, $"parcel {Number} was given back twice");
        _isReleased = true;
        Count.Held--;
    }
}

/// <summary>How many handles are held.</summary>
internal sealed class ParcelCount(Schedule schedule)
{
    public Schedule Schedule => schedule;

    public int Held { get; set; }

    public CountedParcel Create(int number)
    {
        Held++;
        return new CountedParcel(number, this);
    }
}
