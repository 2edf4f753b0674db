using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>The two places of the scaling benchmark: one silo process with a slot for every worker, and a silo process for each.</summary>
internal sealed class ScalingPlaces(int workers, bool isFresh, bool isDebugging) : IAsyncDisposable
{
    private readonly Dictionary<bool, IRunHost> _hosts = [];

    public async Task<IRunHost> OpenAsync(bool oneProcess, CancellationToken cancellationToken)
    {
        if (_hosts.TryGetValue(oneProcess, out var known))
        {
            return known;
        }

        var place = oneProcess ? new RunPlace.LocalSilos(1, workers, Redis: null) : new RunPlace.LocalSilos(workers, 1, Redis: null);
        return _hosts[oneProcess] = await RunHosts.OpenAsync(place, isDebugging, cancellationToken);
    }

    /// <summary>After a turn: fresh processes end with it.</summary>
    public ValueTask EndTurnAsync() => isFresh ? DisposeAsync() : ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Values)
        {
            await host.DisposeAsync();
        }

        _hosts.Clear();
    }
}
