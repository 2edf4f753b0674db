using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>The way to one other process, as the connection of the moment works on it.</summary>
internal interface ILink
{
    /// <summary>What the link is of.</summary>
    LinkedRun Run { get; }

    /// <summary>What has arrived from the other process.</summary>
    Inbound Inbound { get; }

    /// <summary>What the other process is owed.</summary>
    Outbox Outbox { get; }

    /// <summary>What the transports of this process share.</summary>
    TransportServices Services { get; }

    /// <summary>Checks that a parcel goes from a rank there to a rank here.</summary>
    /// <exception cref="RejectedException">It does not.</exception>
    void CheckRanks(in FrameHeader header);
}

/// <inheritdoc cref="ILink.CheckRanks"/>
internal delegate void RankCheck(in FrameHeader header);
