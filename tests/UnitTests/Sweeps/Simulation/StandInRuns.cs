using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Sweeps.Simulation;

/// <summary>Runs that report without training: what an epoch comes to follows from the learning rate alone.</summary>
/// <param name="starting">Told of every run before it is taken to have been started.</param>
internal sealed class StandInRuns(Action<string> starting)
{
    private readonly ConcurrentDictionary<string, StandInRun> _runs = new();

    public IRunCoordinatorGrain Find(string runId) => _runs.GetOrAdd(runId, id => new StandInRun(() => starting(id), _runs.Count));

    private sealed class StandInRun(Action starting, int seed) : IRunCoordinatorGrain
    {
        private RunSpec? _spec;
        private string? _stop;

        public Task<RunStatus> StartTrialAsync(RunSpec spec, TrialOrigin origin, CancellationToken cancellationToken)
        {
            starting();
            _spec = spec;
            return Task.FromResult(new RunStatus("", RunPhase.Training, 0, 0, 0));
        }

        public async Task<RunProgress> GetProgressAsync(int afterEpoch, CancellationToken cancellationToken)
        {
            for (var turns = 1 + (((7 * seed) + (5 * afterEpoch)) % 17); turns > 0; turns--)
            {
                await Task.Yield(); // so that reports come one by one, and several at once
            }

            if (_spec is not { } spec)
            {
                return new RunProgress { Phase = RunPhase.Unknown };
            }

            var last = spec.PauseAfterEpoch > 0 ? spec.PauseAfterEpoch : spec.Epochs;
            if (_stop is { } reason)
            {
                return new RunProgress { Phase = RunPhase.Cancelled, Final = new RunCancelled { Reason = reason }, Snapshot = "/snapshot" };
            }

            return afterEpoch < last ? new RunProgress { Phase = RunPhase.Training, Epochs = [StandInReports.Epoch(spec, afterEpoch + 1)] }
                : last < spec.Epochs ? new RunProgress { Phase = RunPhase.Cancelled, Final = new RunCancelled { Reason = "at its rung" }, Snapshot = "/snapshot" }
                : new RunProgress
                {
                    Phase = RunPhase.Completed,
                    Final = new RunCompleted { TestAccuracy = StandInReports.Accuracy(spec, last), WeightsSha256 = $"{spec.LearningRate}", Curvature = 1 / spec.LearningRate },
                };
        }

        public Task CancelAsync(string reason, CancellationToken cancellationToken)
        {
            _stop = reason;
            return Task.CompletedTask;
        }

        public Task<RunStatus> StartAsync(RunSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RunSpec?> GetSpecAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RunStatus> SetTagsAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<RankStatus>> GetRanksAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RunMetrics> GetMetricsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RunMetrics> GetMetricsAsync(EpochQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<SeriesWindow> GetSeriesAsync(SeriesQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<RunEvent>> GetHistoryAsync(long afterSequence, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<SnapshotListing> ListSnapshotsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
