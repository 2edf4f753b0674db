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
/// <remarks>Thread-safe: one for a process is enough.</remarks>
public sealed class LcnnClient : IRunLauncher, IAsyncDisposable, IDisposable
{
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private IGrainFactory? _grains;
    private IHost? _host;

    /// <summary>A client of whatever is behind the grain factory, such as that of the silo in this process.</summary>
    public LcnnClient(IGrainFactory grains, TimeProvider? clock = null)
        : this(clock, NullLogger.Instance) => _grains = grains ?? throw new ArgumentNullException(nameof(grains));

    internal LcnnClient(TimeProvider? clock, ILogger logger) => (_clock, _logger) = (clock ?? TimeProvider.System, logger);

    private LcnnClient(IHost host, TimeProvider? clock)
        : this(clock, host.Services.GetRequiredService<ILogger<LcnnClient>>()) => Take(host);

    private IGrainFactory Grains => _grains ?? throw new InvalidOperationException("the client is not connected: it connects when its host starts, and leaves when it stops");

    /// <summary>Connects to a cluster.</summary>
    /// <exception cref="ClusterUnreachableException">No silo of it answered in time.</exception>
    public static async Task<LcnnClient> ConnectAsync(
        ClusterAddress address, ConnectOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= new ConnectOptions();
        return new LcnnClient(await ClientHost.StartAsync(address, options, cancellationToken), options.Clock);
    }

    internal async Task OpenAsync(ClusterAddress address, ConnectOptions options, CancellationToken cancellationToken) =>
        Take(await ClientHost.StartAsync(address, options, cancellationToken));

    /// <inheritdoc/>
    public Task<IRunHandle> StartAsync(RunSpec spec, CancellationToken cancellationToken = default) =>
        StartAsync(spec, NewId("run"), cancellationToken); // made here, so that a start whose answer was lost can be repeated without a second run

    /// <inheritdoc/>
    public async Task<IRunHandle> StartAsync(RunSpec spec, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ThrowIfProblems(runId, spec.Validate);
        var run = Handle(runId);
        await run.StartAsync(spec, cancellationToken);
        return run;
    }

    /// <inheritdoc/>
    public Task<RunFolderContent> ReadFolderAsync(string folder, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return new FolderSearch(Grains, _clock, _logger).ReadAsync(folder, cancellationToken);
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
        Grains.GetGrain<IRunCatalogGrain>(0).ListAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public Task<ISweepHandle> StartSweepAsync(SweepSpec spec, CancellationToken cancellationToken = default) =>
        StartSweepAsync(spec, NewId("sweep"), cancellationToken);

    /// <inheritdoc/>
    public async Task<ISweepHandle> StartSweepAsync(SweepSpec spec, string sweepId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        // The folder's name is part of every trial's spec, so that it is checked here with its final value.
        spec = spec with { OutputDirectory = spec.OutputDirectory.Length == 0 ? $"sweeps/{sweepId}" : spec.OutputDirectory };
        ThrowIfProblems(sweepId, spec.Validate);
        var sweep = SweepHandleOf(sweepId);
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
        Grains.GetGrain<ISweepCatalogGrain>(0).ListAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SiloReport>> ListSilosAsync(CancellationToken cancellationToken = default) =>
        Grains.GetGrain<IGangPlacementGrain>(0).GetSilosAsync(cancellationToken);

    /// <summary>Leaves the cluster; runs go on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _host, null) is { } host)
        {
            _grains = null;
            await ClientHost.StopAsync(host);
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, without a goodbye: the cluster drops a client that just goes.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _host, null) is { } host)
        {
            _grains = null;
            host.Dispose();
        }
    }

    private void Take(IHost host) => (_host, _grains) = (host, host.Services.GetRequiredService<IGrainFactory>());

    private RunHandle Handle(string runId) => new(runId, Grains.GetGrain<IRunCoordinatorGrain>(runId), Grains, _clock, _logger);

    private SweepHandle SweepHandleOf(string sweepId) => new(sweepId, Grains.GetGrain<ISweepGrain>(sweepId), _clock, _logger);

    // Where one of them may be a name that silos' programs add, the silos name them all.
    private static void ThrowIfProblems(string id, Func<KnownNames, IReadOnlyList<SpecProblem>> validate)
    {
        var problems = validate(KnownNames.BuiltIn);
        problems = problems.Count > 0 && problems.Except(validate(KnownNames.OfAnyCluster)).Any() ? [] : problems;
        if (RunIds.ProblemOf(id) is { } odd)
        {
            problems = [.. problems, new SpecProblem("id", $"{odd}, got '{id}'")];
        }

        if (problems.Count > 0)
        {
            throw new InvalidSpecException(problems);
        }
    }

    private string NewId(string kind)
    {
        var time = _clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return $"{kind}-{time}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    }
}
