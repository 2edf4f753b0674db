using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary>A sweep in a folder, to be read only.</summary>
internal sealed class StoredSweepHandle(StoredSweep stored) : ISweepHandle
{
    public string Id => stored.SweepId;

    public Task<SweepStatus> GetStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(stored.Status);

    public Task<SweepSpec> GetSpecAsync(CancellationToken cancellationToken = default) => Task.FromResult(stored.Spec);

    public Task<IReadOnlyList<TrialEntry>> GetTrialsAsync(CancellationToken cancellationToken = default) => Task.FromResult(stored.Trials);

    public IAsyncEnumerable<SweepEvent> WatchAsync(long afterSequence = 0, CancellationToken cancellationToken = default) => throw ReadOnly();

    public Task<SweepEvent> WaitAsync(CancellationToken cancellationToken = default) => throw ReadOnly();

    public Task PauseAsync(CancellationToken cancellationToken = default) => throw ReadOnly();

    public Task ResumeAsync(CancellationToken cancellationToken = default) => throw ReadOnly();

    public Task StopAsync(string reason, CancellationToken cancellationToken = default) => throw ReadOnly();

    public Task AddTrialsAsync(int count, IReadOnlyList<ParameterSet>? parameters = null, CancellationToken cancellationToken = default) => throw ReadOnly();

    private static NotSupportedException ReadOnly() => new("a folder answers no orders");
}
