using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>A generation of a run that other processes dial here.</summary>
internal interface IDialledRun
{
    /// <summary>The run's secret; empty before a rank has begun.</summary>
    byte[] Token { get; }

    /// <summary>The link that a dialler wants; blocks until this process's first rank begins.</summary>
    /// <exception cref="RejectedException">There is none.</exception>
    IDialledLink WaitForLink(HandshakeParty party, CancellationToken cancellationToken);
}

/// <summary>A link whose connections come from the other side.</summary>
internal interface IDialledLink : ILink
{
    /// <summary>Takes over a connection that both sides have proved.</summary>
    void Attach(StreamSocket socket, long arrivedThere);
}
