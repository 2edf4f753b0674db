using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Finds a silo that sees the folder of a run: first those that trained it, since the folder was probed there.</summary>
internal sealed class SnapshotSearch(string runId, IGrainFactory grains, IClusterMembershipService membership, TimeProvider clock)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>The snapshots as the first silo that sees them lists them.</summary>
    /// <exception cref="RunFolderNotFoundException">Every silo answered, and none sees the folder.</exception>
    /// <exception cref="TimeoutException">None sees it, and not every silo answered.</exception>
    public async Task<SnapshotListing> FindAsync(string folder, IReadOnlyCollection<string> members, CancellationToken cancellationToken)
    {
        var active = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress.ToParsableString())
            .OrderByDescending(members.Contains).ToList();
        Exception? silent = null;
        foreach (var silo in active)
        {
            try
            {
                var key = GrainKeys.SnapshotFiles(runId, silo);
                var listing = grains.GetGrain<ISnapshotFilesGrain>(key).ListAsync(cancellationToken);
                if (await listing.WaitAsync(_patience, clock, cancellationToken) is { } snapshots)
                {
                    return new SnapshotListing(key, snapshots);
                }
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                silent = exception;
            }
        }

        throw silent is null
            ? new RunFolderNotFoundException(
                $"run {runId}: its snapshots are in '{folder}', which no silo of the cluster sees ({string.Join(", ", active)}); start a silo where that folder is")
            : new TimeoutException($"run {runId}: a silo that may see its folder '{folder}' does not answer", silent);
    }
}
