using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Client;

/// <summary>A sweep that has a log and nothing else.</summary>
internal sealed class FakeSweepGrain : ISweepGrain
{
    /// <summary>The log.</summary>
    public IReadOnlyList<SweepEvent> Log { get; init; } = [];

    /// <summary>Positions that watches began after.</summary>
    public List<long> Watches { get; } = [];

    public IAsyncEnumerable<SweepEvent> WatchAsync(long afterSequence, CancellationToken cancellationToken)
    {
        Watches.Add(afterSequence);
        return Log.Where(next => next.Sequence > afterSequence).ToAsyncEnumerable();
    }

    public Task<SweepStatus> GetStatusAsync(CancellationToken cancellationToken) => Task.FromResult(
        new SweepStatus { Phase = Log.Count > 0 ? SweepPhase.Running : SweepPhase.Unknown, LastSequence = Log.Count });

    public Task<SweepStatus> StartAsync(SweepSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<SweepSpec?> GetSpecAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<TrialEntry>> GetTrialsAsync(int firstNumber, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PauseAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ResumeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task StopAsync(string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task AddTrialsAsync(AddTrials request, CancellationToken cancellationToken) => throw new NotSupportedException();
}
