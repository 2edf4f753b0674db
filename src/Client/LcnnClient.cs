using System.Globalization;
using System.Security.Cryptography;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.Client;

/// <summary>The client library: launches, watches and cancels runs, on a cluster or through any Orleans grain factory.</summary>
public sealed class LcnnClient : IRunLauncher, IAsyncDisposable
{
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger = NullLogger.Instance;
    private readonly IHost? _host;

    /// <summary>A client of whatever is behind the grain factory.</summary>
    public LcnnClient(IGrainFactory grains, TimeProvider? clock = null) => (_grains, _clock) = (grains, clock ?? TimeProvider.System);

    private LcnnClient(IHost host, TimeProvider? clock)
        : this(host.Services.GetRequiredService<IGrainFactory>(), clock) =>
        (_host, _logger) = (host, host.Services.GetRequiredService<ILogger<LcnnClient>>());

    /// <summary>Connects to a cluster.</summary>
    /// <exception cref="ClusterUnreachableException">No silo of it answered in time.</exception>
    public static async Task<LcnnClient> ConnectAsync(
        ClusterAddress address, ConnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= new ConnectOptions();
        return new LcnnClient(await ClientHost.StartAsync(address, options, cancellationToken), options.Clock);
    }

    /// <inheritdoc/>
    public async Task<IRunHandle> StartAsync(RunSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Validate() is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        // The client makes the id, so that a start whose answer was lost can be repeated without a second run.
        var run = Handle(NewId("run"));
        await run.StartAsync(spec, cancellationToken);
        return run;
    }

    /// <inheritdoc/>
    public IRunHandle Find(string runId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(runId);
        return Handle(runId);
    }

    /// <inheritdoc/>
    public async Task<IRunHandle> FindAsync(string runId, CancellationToken cancellationToken = default)
    {
        var run = Find(runId);
        return (await run.GetStatusAsync(cancellationToken)).Phase == RunPhase.Unknown ? throw new RunNotFoundException(runId) : run;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunEntry>> ListRunsAsync(int limit = 100, CancellationToken cancellationToken = default) =>
        _grains.GetGrain<IRunCatalogGrain>(0).ListAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public async Task<ISweepHandle> StartSweepAsync(SweepSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var id = NewId("sweep");
        // The folder's name is part of every trial's spec, so that it is checked here with its final value.
        spec = spec with { OutputDirectory = spec.OutputDirectory.Length == 0 ? $"sweeps/{id}" : spec.OutputDirectory };
        if (spec.Validate() is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        var sweep = SweepHandleOf(id);
        await sweep.StartAsync(spec, cancellationToken);
        return sweep;
    }

    /// <inheritdoc/>
    public async Task<ISweepHandle> FindSweepAsync(string sweepId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sweepId);
        var sweep = SweepHandleOf(sweepId);
        await sweep.GetSpecAsync(cancellationToken);
        return sweep;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SweepEntry>> ListSweepsAsync(int limit = 100, CancellationToken cancellationToken = default) =>
        _grains.GetGrain<ISweepCatalogGrain>(0).ListAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SiloReport>> ListSilosAsync(CancellationToken cancellationToken = default) =>
        _grains.GetGrain<IGangPlacementGrain>(0).GetSilosAsync(cancellationToken);

    /// <summary>Leaves the cluster; runs go on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await ClientHost.StopAsync(_host);
        }
    }

    private RunHandle Handle(string runId) => new(runId, _grains.GetGrain<IRunCoordinatorGrain>(runId), _clock, _logger);

    private SweepHandle SweepHandleOf(string sweepId) => new(sweepId, _grains.GetGrain<ISweepGrain>(sweepId), _clock, _logger);

    private string NewId(string kind)
    {
        var time = _clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return $"{kind}-{time}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    }
}
