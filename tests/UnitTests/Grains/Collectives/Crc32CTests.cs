using System.Numerics;
using CsCheck;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

public sealed class Crc32CTests
{
    [Fact]
    public void Append_TheStandardsExample_GivesItsChecksum() => Assert.Equal(0xE3069283u, Crc32C.Append(0, "123456789"u8));

    [Fact]
    public void Append_AnyBytesInAnyPieces_IsTheBytewiseChecksum() =>
        Gen.Select(Gen.Int[0, 20_000], Gen.Int[0, 20_000], Gen.Int).Sample(drawn =>
        {
            var bytes = new byte[drawn.Item1 + drawn.Item2];
            new Random(drawn.Item3).NextBytes(bytes);
            var expected = ~bytes.Aggregate(~0u, BitOperations.Crc32C);

            Assert.Equal(expected, Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, drawn.Item1)), bytes.AsSpan(drawn.Item1)));
        }, iter: 200);
}
