using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Which link leads from this process to which rank.</summary>
internal sealed class RunRoutes(WorkerPeers peers, IReadOnlyList<LinkPlan> plans)
{
    private readonly Guid[] _processes = [.. peers.ByRank.Select(address => Guid.Parse(address.Process))];
    private readonly List<PeerLink> _links = [];
    private readonly PeerLink?[] _byRank = new PeerLink?[peers.ByRank.Count];

    public byte[] Token => peers.Token;

    public IReadOnlyList<PeerLink> Links => _links;

    /// <summary>Makes the links.</summary>
    public void Connect(Func<LinkPlan, PeerLink> connect)
    {
        foreach (var plan in plans)
        {
            var link = connect(plan);
            _links.Add(link);
            for (var rank = 0; rank < _byRank.Length; rank++)
            {
                // Of the two ends of a process's connection to itself, the dialling one sends.
                if (_processes[rank] == plan.Process)
                {
                    _byRank[rank] ??= link;
                }
            }
        }
    }

    /// <summary>The link to a rank; null when memory leads there, as it does from every rank to itself.</summary>
    public PeerLink? LinkTo(int fromRank, int toRank) => fromRank == toRank ? null : _byRank[toRank];

    /// <summary>The link to a process.</summary>
    public PeerLink? LinkOf(Guid process) => _links.Find(link => link.Process == process);

    /// <summary>The link that a process dials.</summary>
    public PeerLink? DialledLink(Guid process) => _links.Find(link => link.Process == process && link.IsDialled);

    /// <summary>Whether a rank is in a process.</summary>
    public bool IsAt(int rank, Guid process) => rank >= 0 && rank < _processes.Length && _processes[rank] == process;

    /// <summary>The ranks of a process.</summary>
    public IEnumerable<(int Rank, PeerAddress Address)> RanksOf(Guid process) =>
        peers.ByRank.Index().Where(entry => IsAt(entry.Index, process)).Select(entry => (entry.Index, entry.Item));
}
