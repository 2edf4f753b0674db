using System.Globalization;
using System.Security.Cryptography;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>The client library: launches, watches and cancels runs through any Orleans grain factory.</summary>
public sealed class LcnnClient(IGrainFactory grains, TimeProvider? clock = null) : IRunLauncher
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <inheritdoc/>
    public async Task<IRunHandle> StartAsync(RunSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Validate() is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        // The client makes the id, so that a start whose answer was lost can be repeated without a second run.
        var id = NewRunId();
        var coordinator = grains.GetGrain<IRunCoordinatorGrain>(id);
        await coordinator.StartAsync(spec, cancellationToken);
        return new RunHandle(id, coordinator);
    }

    /// <inheritdoc/>
    public IRunHandle Find(string runId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(runId);
        return new RunHandle(runId, grains.GetGrain<IRunCoordinatorGrain>(runId));
    }

    private string NewRunId()
    {
        var time = _clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return $"run-{time}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    }
}
