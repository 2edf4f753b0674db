using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

/// <summary>Parcels as one run of bytes.</summary>
internal static class Wired
{
    public static (byte[] Metadata, byte[] Segments) ToBytes(Parcel parcel)
    {
        var writer = new WireWriter();
        ParcelCodec.Write(parcel, writer);
        return (writer.Metadata.ToArray(), [.. writer.Segments.SelectMany(segment => segment.ToArray())]);
    }

    public static Parcel FromBytes(ParcelKind kind, byte[] metadata, byte[] segments)
    {
        var reader = new WireReader();
        reader.Begin(metadata, segments.Length);
        try
        {
            var parcel = ParcelCodec.Read(kind, reader);
            var position = 0;
            foreach (var target in reader.Targets)
            {
                segments.AsSpan(position, target.Length).CopyTo(target.Span);
                position += target.Length;
            }

            reader.Complete();
            return parcel;
        }
        catch
        {
            reader.Abandon();
            throw;
        }
    }

    /// <summary>There and back; the bytes of both are held equal.</summary>
    public static Parcel RoundTrip(ParcelKind kind, Parcel parcel)
    {
        var (metadata, segments) = ToBytes(parcel);
        var copy = FromBytes(kind, metadata, segments);
        var again = ToBytes(copy);
        Assert.Equal(metadata, again.Metadata);
        Assert.Equal(segments, again.Segments);
        return copy;
    }
}
