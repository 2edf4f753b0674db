using Google.Protobuf;

namespace Lcnn.Distributed.Client.Recording.TensorBoard;

/// <summary>Fields of Protocol Buffers messages by number.</summary>
internal static class ProtobufFields
{
    /// <summary>The bytes of a message.</summary>
    public static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            write(output);
        }

        return bytes.ToArray();
    }

    /// <summary>A message in a message.</summary>
    public static void Field(this CodedOutputStream output, int number, Action<CodedOutputStream> write) => output.Field(number, Message(write));

    /// <summary>A message in a message, or bytes.</summary>
    public static void Field(this CodedOutputStream output, int number, byte[] value)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value));
    }

    /// <summary>A text.</summary>
    public static void Field(this CodedOutputStream output, int number, string value)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    /// <summary>A whole number, or a name of an enumeration.</summary>
    public static void Field(this CodedOutputStream output, int number, long value)
    {
        output.WriteTag(number, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    /// <summary>A number of 64 bits.</summary>
    public static void Field(this CodedOutputStream output, int number, double value)
    {
        output.WriteTag(number, WireFormat.WireType.Fixed64);
        output.WriteDouble(value);
    }

    /// <summary>A number of 32 bits.</summary>
    public static void Field(this CodedOutputStream output, int number, float value)
    {
        output.WriteTag(number, WireFormat.WireType.Fixed32);
        output.WriteFloat(value);
    }
}
