using Lcnn.Distributed.Contracts.Runs;
using MessagePack;
using MessagePack.Resolvers;
using Orleans.Storage;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Grain state as stored: one byte for the version of the form, then MessagePack maps of properties by name.</summary>
/// <remarks>
/// Maps by name let state classes gain properties without a new version: unknown ones are skipped, missing ones keep their initial value.
/// The version changes only when bytes written before cannot be read this way any more.
/// </remarks>
public sealed class MessagePackStorageSerializer : IGrainStorageSerializer
{
    /// <summary>The form written, and the only one that can be read.</summary>
    public const byte Version = 1;

    /// <summary>Bytes that Redis takes at most in one value ('proto-max-bulk-len'); of more it says nothing and closes the connection.</summary>
    public const long Largest = 512 << 20;

    private static readonly MessagePackSerializerOptions _options = MessagePackSerializerOptions.Standard
        .WithResolver(CompositeResolver.Create([RunEventFormatter.Instance], [NativeDateTimeResolver.Instance, ContractlessStandardResolver.Instance]))
        .WithSecurity(MessagePackSecurity.UntrustedData);

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(Version);
        MessagePackSerializer.Serialize(bytes, input, _options);
        if (bytes.Length > Largest)
        {
            throw new StoreRefusedException($"{typeof(T).Name} has {bytes.Length >> 20} MB, and Redis takes {Largest >> 20} MB at most");
        }

        return BinaryData.FromBytes(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
    }

    /// <inheritdoc/>
    public T Deserialize<T>(BinaryData input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var bytes = input.ToMemory();
        if (bytes.IsEmpty)
        {
            throw new StoredStateException($"the stored {typeof(T).Name} is empty: expected a version byte {Version}");
        }

        if (bytes.Span[0] != Version)
        {
            throw new StoredStateException(
                $"the stored {typeof(T).Name} has version {bytes.Span[0]}, this program reads version {Version}; run the program that wrote it, or empty the store and go on with --resume");
        }

        try
        {
            return MessagePackSerializer.Deserialize<T>(bytes[1..], _options);
        }
        catch (MessagePackSerializationException exception)
        {
            throw new StoredStateException($"the stored {typeof(T).Name} cannot be read: {exception.GetBaseException().Message}", exception);
        }
    }
}
