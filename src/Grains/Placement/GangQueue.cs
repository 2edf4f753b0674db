using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Runs that wait for slots; a run that does not ask again loses its place.</summary>
/// <remarks>
/// Whoever has waited longest comes first: a run since it was submitted, the trials of a sweep, however many, together since one of them
/// was last granted slots. So sweeps take turns, and nobody is overtaken for ever: whoever is granted goes behind all that wait.
/// A run that has lost its workers has had its turn and keeps the place of its submission.
/// </remarks>
internal sealed class GangQueue(TimeSpan timeout, TimeProvider clock)
{
    private readonly Dictionary<string, Place> _places = [];
    private readonly Dictionary<string, DateTimeOffset> _turns = [];

    /// <summary>How long a place is kept for a run that does not ask again.</summary>
    public TimeSpan Timeout { get; set; } = timeout;

    /// <summary>Takes the run's place, or keeps it.</summary>
    /// <exception cref="SlotRefusedException">A later generation of the run has its place.</exception>
    public void Join(GangRequest request)
    {
        if (_places.TryGetValue(request.RunId, out var place) && place.Request.Generation > request.Generation)
        {
            throw new SlotRefusedException(
                $"Generation {request.Generation} of run {request.RunId} asks for slots, but generation {place.Request.Generation} has asked before");
        }

        _places[request.RunId] = new Place(request, SweepOf(request) ?? request.RunId, clock.GetTimestamp());
    }

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => _places.Count == 0;

    /// <summary>Whether the run has a place.</summary>
    public bool Contains(string runId) => _places.ContainsKey(runId);

    /// <summary>Keeps the place of a request whose run still waits for an answer.</summary>
    /// <returns>Whether it is still the run's.</returns>
    public bool TryKeep(GangRequest request)
    {
        if (!_places.TryGetValue(request.RunId, out var place) || place.Request.Generation != request.Generation)
        {
            return false;
        }

        _places[request.RunId] = place with { AskedAt = clock.GetTimestamp() };
        return true;
    }

    public void Leave(string runId) => _places.Remove(runId);

    /// <summary>The run has its slots: its sweep has had its turn.</summary>
    public void Grant(GangRequest request)
    {
        Leave(request.RunId);
        if (SweepOf(request) is { } sweep)
        {
            _turns[sweep] = clock.GetUtcNow();
        }
    }

    /// <summary>The requests that come before this one.</summary>
    public IReadOnlyList<GangRequest> AheadOf(GangRequest request) => [.. Order().TakeWhile(other => other.RunId != request.RunId)];

    /// <summary>Every request, in the order in which they are served.</summary>
    public IReadOnlyList<GangRequest> Order()
    {
        DropLapsed();
        return [.. InOrder()];
    }

    // Round by round: the first run of everybody who waits, then the second of those with more than one, and so on.
    private IEnumerable<GangRequest> InOrder() => _places.Values
        .GroupBy(place => place.Waiter, place => place.Request)
        .SelectMany(waiting => waiting
            .OrderBy(request => request.SubmittedAt)
            .ThenBy(request => request.RunId, StringComparer.Ordinal)
            .Select((request, round) => (Request: request, Round: round, Since: Later(request.SubmittedAt, _turns.GetValueOrDefault(waiting.Key)))))
        .OrderBy(place => place.Round)
        .ThenBy(place => place.Since)
        .ThenBy(place => place.Request.RunId, StringComparer.Ordinal)
        .Select(place => place.Request);

    private void DropLapsed()
    {
        foreach (var (runId, place) in _places)
        {
            if (clock.GetElapsedTime(place.AskedAt) >= Timeout)
            {
                _places.Remove(runId);
            }
        }

        // What a sweep submits from now on is later than its turn anyway.
        var waiters = _places.Values.Select(place => place.Waiter).ToHashSet();
        foreach (var (sweep, turn) in _turns)
        {
            if (clock.GetUtcNow() - turn >= Timeout && !waiters.Contains(sweep))
            {
                _turns.Remove(sweep);
            }
        }
    }

    private static string? SweepOf(GangRequest request) => request.Generation == 1 ? request.SweepId : null;

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private readonly record struct Place(GangRequest Request, string Waiter, long AskedAt);
}
