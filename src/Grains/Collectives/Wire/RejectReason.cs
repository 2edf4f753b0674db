namespace Lcnn.Distributed.Grains.Collectives.Wire;

/// <summary>Why a connection, a block or a frame was turned away.</summary>
internal enum RejectReason
{
    /// <summary>It does not begin like one of ours.</summary>
    Magic,
    /// <summary>Of another version.</summary>
    Version,
    /// <summary>A handshake of an impossible size.</summary>
    Size,
    /// <summary>The process has no such run or generation.</summary>
    UnknownRun,
    /// <summary>Not meant for this process, or not from one of the run's.</summary>
    WrongProcess,
    /// <summary>The other side does not know the run's token.</summary>
    Proof,
    /// <summary>The handshake took too long.</summary>
    TimedOut,
    /// <summary>Too many handshakes at once.</summary>
    TooMany,
    /// <summary>The other side ended it in the middle.</summary>
    Truncated,
    /// <summary>The header's checksum is wrong.</summary>
    HeaderChecksum,
    /// <summary>The payload's checksum is wrong.</summary>
    PayloadChecksum,
    /// <summary>No such type of frame.</summary>
    FrameType,
    /// <summary>No such kind of parcel.</summary>
    Kind,
    /// <summary>A rank that is not of the process it names.</summary>
    Rank,
    /// <summary>A length outside of its bound.</summary>
    Length,
    /// <summary>Not the piece that follows.</summary>
    Offset,
    /// <summary>Not the parcel that follows.</summary>
    Sequence,
    /// <summary>Acknowledges what was never sent.</summary>
    Acknowledgement,
    /// <summary>The parcel is not what its kind says.</summary>
    Content,
    /// <summary>No certificate, or none that is trusted.</summary>
    Certificate,
}

/// <summary>A peer broke the protocol: its connection ends, nothing else does.</summary>
[GenerateSerializer, Alias("lcnn.RejectedException")]
internal sealed class RejectedException(RejectReason reason, string message) : Exception(message)
{
    [Id(0)] public RejectReason Reason { get; } = reason;
}
