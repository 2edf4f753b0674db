using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

/// <summary>Managed memory is counted for the whole process: nothing runs beside these.</summary>
[Collection(nameof(TensorCount))]
public sealed class ExchangeAllocationTests
{
    private const int WarmUps = 50;
    private const int Rounds = 200;

    // The tensors of both sides with their handles, shapes and strides, and the parcel's own few objects.
    private const long BytesOfAParcel = 2500;

    [Fact]
    public void Exchange_OverAStream_AllocatesLittleWhateverThePayload()
    {
        var (small, large) = (BytesOfAnExchange(numbers: 16), BytesOfAnExchange(numbers: 1 << 18));

        TestContext.Current.TestOutputHelper?.WriteLine($"{small} and {large} managed bytes a parcel");
        Assert.InRange(small, 0, BytesOfAParcel);
        Assert.InRange(large, 0, BytesOfAParcel);
    }

    private static long BytesOfAnExchange(int numbers)
    {
        using var world = new Processes(2);
        var channels = world.BeginAll("stream");
        using var parcel = new PreparedParcel(false, [KeyValuePair.Create(0, new PreparedLayer([zeros(numbers)], default(PenaltyTerms), gain: null))]);
        var before = 0L;
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            before = round == WarmUps ? GC.GetTotalAllocatedBytes(precise: true) : before;
            var key = new ParcelKey(ParcelKind.Prepared, round);
            channels[0].Send(1, key, parcel);
            using var copy = channels[1].Receive<PreparedParcel>(0, key);
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / Rounds;
    }
}
