namespace Lcnn.Distributed.Grains.Placement;

/// <summary>The newest generation seen of each run; the oldest runs are forgotten when there are too many.</summary>
internal sealed class NewestGenerations(int capacity)
{
    private readonly Dictionary<string, int> _byRun = [];
    private readonly Queue<string> _order = new();

    /// <summary>The newest, or null for a run not seen.</summary>
    public int? Of(string runId) => _byRun.TryGetValue(runId, out var generation) ? generation : null;

    public void Raise(string runId, int generation)
    {
        if (_byRun.TryAdd(runId, generation))
        {
            _order.Enqueue(runId);
            if (_order.Count > capacity)
            {
                _byRun.Remove(_order.Dequeue());
            }
        }

        _byRun[runId] = Math.Max(_byRun[runId], generation);
    }
}
