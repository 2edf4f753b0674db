using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Runs that wait for slots, in the order in which they were submitted; a run that does not ask again loses its place.</summary>
internal sealed class GangQueue(TimeSpan timeout, TimeProvider clock)
{
    private readonly Dictionary<string, (GangRequest Request, long AskedAt)> _places = [];

    /// <summary>Takes the run's place, or keeps it.</summary>
    /// <exception cref="SlotRefusedException">A later generation of the run has its place.</exception>
    public void Join(GangRequest request)
    {
        if (_places.TryGetValue(request.RunId, out var place) && place.Request.Generation > request.Generation)
        {
            throw new SlotRefusedException(
                $"Generation {request.Generation} of run {request.RunId} asks for slots, but generation {place.Request.Generation} has asked before");
        }

        _places[request.RunId] = (request, clock.GetTimestamp());
    }

    public void Leave(string runId) => _places.Remove(runId);

    /// <summary>The requests that come before this one.</summary>
    public IReadOnlyList<GangRequest> AheadOf(GangRequest request)
    {
        foreach (var (runId, place) in _places)
        {
            if (clock.GetElapsedTime(place.AskedAt) >= timeout)
            {
                _places.Remove(runId);
            }
        }

        return [.. _places.Values.Select(place => place.Request).Where(other => Precedes(other, request))];
    }

    private static bool Precedes(GangRequest left, GangRequest right) => left.SubmittedAt != right.SubmittedAt
        ? left.SubmittedAt < right.SubmittedAt
        : string.CompareOrdinal(left.RunId, right.RunId) < 0;
}
