namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>No transport reaches another rank any more.</summary>
internal sealed class PeerUnreachableException : Exception
{
    public PeerUnreachableException(int rank, string endpoint, string reason, Exception? inner = null)
        : base($"rank {rank} at {(endpoint.Length == 0 ? "no endpoint" : endpoint)} cannot be reached: {reason}", inner) => Rank = rank;

    /// <summary>The same on another thread.</summary>
    public PeerUnreachableException(PeerUnreachableException known)
        : base(known.Message, known) => Rank = known.Rank;

    /// <summary>The rank that is out of reach.</summary>
    public int Rank { get; }
}
