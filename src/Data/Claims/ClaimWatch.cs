namespace Lcnn.Distributed.Data.Claims;

/// <summary>Finds out whether the holder of a claim lives: by its process, or by waiting for a sign of life as long as its lease.</summary>
/// <remarks>The waiting is measured on the observer's own clock: no two machines have to agree on the time.</remarks>
internal sealed class ClaimWatch(TimeProvider clock)
{
    private const int LongestLease = 600; // seconds; what a file says is not to keep anybody out for ever

    private ClaimFile? _seen;
    private long _seenAt;

    /// <summary>Looks once more.</summary>
    /// <returns>Null when it cannot be told yet.</returns>
    public bool? IsAlive(ClaimFile file)
    {
        if (file.Claim is { LivesWith: { } process } claim && AskProcess(claim.Id, process) is { } alive)
        {
            return alive;
        }

        if (_seen?.Path != file.Path || _seen.Id != file.Id)
        {
            (_seen, _seenAt) = (file, clock.GetTimestamp());
        }

        return _seen.Text != file.Text ? true
            : clock.GetElapsedTime(_seenAt).TotalSeconds >= Math.Clamp(file.Claim?.LeaseSeconds ?? FolderClaim.LeaseSeconds, 1, LongestLease) ? false
            : null;
    }

    // Of a run of this very process that is not listed, the process says nothing: it may be between two coordinators.
    private static bool? AskProcess(string id, ProcessMark process) =>
        process != ProcessMark.Current ? process.IsAlive() : HeldClaims.Contain(id) ? true : null;
}
