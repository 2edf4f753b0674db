using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>Looks for a folder through the eyes of every silo: not each need see it.</summary>
internal sealed class FolderSearch(IGrainFactory grains, TimeProvider clock, ILogger logger)
{
    /// <summary>What the first silo that sees a snapshot says; else what the most is known of.</summary>
    public Task<RunFolderContent> ReadAsync(string folder, CancellationToken cancellationToken) =>
        new Retry(folder, clock, logger).CallAsync(() => AskAsync(folder, cancellationToken), cancellationToken);

    private async Task<RunFolderContent> AskAsync(string folder, CancellationToken cancellationToken)
    {
        var answers = new List<RunFolderContent>();
        Exception? silent = null;
        foreach (var silo in await grains.GetGrain<IGangPlacementGrain>(0).GetSilosAsync(cancellationToken))
        {
            try
            {
                var content = await grains.GetGrain<ISiloStorageGrain>(silo.Silo).ReadAsync(folder, cancellationToken);
                if (content.Snapshot is not null)
                {
                    return content;
                }

                answers.Add(content);
            }
            catch (Exception exception) when (Backoff.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
            {
                silent = exception;
            }
        }

        // A silo that does not answer may be the one that sees it.
        return silent is null
            ? answers.OrderByDescending(answer => (answer.Problem is not null, answer.HasEntries)).FirstOrDefault() ?? new RunFolderContent()
            : throw new TimeoutException($"a silo that may see the folder '{folder}' does not answer", silent);
    }
}
