using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>The places of the scaling benchmark: one silo process with a slot for every worker, a silo process for each, and such with certificates.</summary>
internal sealed class ScalingPlaces(int workers, bool isFresh, bool isDebugging) : IAsyncDisposable
{
    private readonly Dictionary<RunPlace, IRunHost> _hosts = [];
    private readonly DirectoryInfo _certificates = Directory.CreateTempSubdirectory("lcnn-bench-tls-");

    /// <param name="oneProcess">Whether all workers are in one process.</param>
    /// <param name="overTls">Whether the processes talk over TLS.</param>
    public async Task<IRunHost> OpenAsync(bool oneProcess, bool overTls, CancellationToken cancellationToken)
    {
        RunPlace place = new RunPlace.LocalSilos(oneProcess ? 1 : workers, oneProcess ? workers : 1, Redis: null) { TlsFolder = overTls ? IssueOnce() : null };
        if (_hosts.TryGetValue(place, out var known))
        {
            return known;
        }

        return _hosts[place] = await RunHosts.OpenAsync(place, isDebugging, cancellationToken);
    }

    /// <summary>After a turn: fresh processes end with it.</summary>
    public ValueTask EndTurnAsync() => isFresh ? EndAllAsync() : ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await EndAllAsync();
        _certificates.Delete(recursive: true);
    }

    private string IssueOnce()
    {
        var folder = Path.Combine(_certificates.FullName, "silo");
        if (!Directory.Exists(folder))
        {
            PrivateAuthority.Create(Path.Combine(_certificates.FullName, "ca"), "bench", TimeProvider.System)
                .Issue(folder, "bench", Role.Silo, [], TimeSpan.FromDays(2)).Dispose();
        }

        return folder;
    }

    private async ValueTask EndAllAsync()
    {
        foreach (var host in _hosts.Values)
        {
            await host.DisposeAsync();
        }

        _hosts.Clear();
    }
}
