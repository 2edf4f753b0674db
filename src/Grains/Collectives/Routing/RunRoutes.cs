using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Collectives.Routing;

/// <summary>Which link leads from this process to which rank.</summary>
/// <param name="peers">All ranks.</param>
/// <param name="links">To all processes that memory does not reach.</param>
/// <param name="sharesMemory">Whether ranks of one process reach each other by memory.</param>
internal sealed class RunRoutes(WorkerPeers peers, IReadOnlyList<PeerLink> links, bool sharesMemory)
{
    private readonly Guid[] _processes = [.. peers.ByRank.Select(address => Guid.Parse(address.Process))];

    // Of the two ends of a process's connection to itself, the dialling one comes first and sends.
    private readonly PeerLink?[] _byRank =
        [.. peers.ByRank.Select(address => links.FirstOrDefault(link => link.Process == Guid.Parse(address.Process)))];

    public IReadOnlyList<PeerLink> Links => links;

    /// <summary>The link to a rank; null when memory leads there, as it does from every rank to itself.</summary>
    public PeerLink? LinkTo(int fromRank, int toRank) => fromRank == toRank ? null : _byRank[toRank];

    /// <summary>The link to a process.</summary>
    public PeerLink? LinkOf(Guid process) => links.FirstOrDefault(link => link.Process == process);

    /// <summary>The link that a process dials.</summary>
    public PeerLink? DialledLink(Guid process) => links.FirstOrDefault(link => link.Process == process && link.IsDialled);

    /// <summary>Whether a rank is in a process.</summary>
    public bool IsAt(int rank, Guid process) => rank >= 0 && rank < _processes.Length && _processes[rank] == process;

    /// <summary>The first rank of a process.</summary>
    public int FirstRankOf(Guid process) => Array.IndexOf(_processes, process);

    /// <inheritdoc cref="ITransport.SpeakerOf"/>
    public int SpeakerOf(int rank) => sharesMemory ? FirstRankOf(_processes[rank]) : rank;

    /// <summary>The ranks of a process.</summary>
    public IEnumerable<(int Rank, PeerAddress Address)> RanksOf(Guid process) =>
        peers.ByRank.Index().Where(entry => IsAt(entry.Index, process)).Select(entry => (entry.Index, entry.Item));
}
