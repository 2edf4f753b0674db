using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.UnitTests.Sweeps.Simulation;

namespace Lcnn.Distributed.ClusterTests.Sweeps.Simulation;

/// <summary>Runs that wait for real grants and list themselves, and report without training: what an epoch comes to follows from the learning rate.</summary>
/// <param name="silos">Where they have their slots.</param>
/// <param name="grains">How they call grains: by a silo that lives.</param>
internal sealed class StandInRuns(StandInSilos silos, Func<IGrainFactory> grains)
{
    private readonly ConcurrentDictionary<string, Run> _runs = new();
    private int _reports;

    /// <summary>Epochs reported so far.</summary>
    public int Reports => Volatile.Read(ref _reports);

    /// <summary>Runs begun so far.</summary>
    public int Count => _runs.Count;

    /// <summary>Answers a call to the coordinator of one of them.</summary>
    public async Task<object?> AnswerAsync(string runId, string method, Func<int, object?> argument)
    {
        switch (method)
        {
            case nameof(IRunCoordinatorGrain.StartTrialAsync):
                var (spec, origin) = ((RunSpec)argument(0)!, (TrialOrigin)argument(1)!);
                _runs.GetOrAdd(runId, _ => new Run(runId, spec, origin, silos, grains)).Begin();
                return new RunStatus(runId, RunPhase.Starting, 0, 0, 0);
            case nameof(IRunCoordinatorGrain.GetProgressAsync):
                return _runs.TryGetValue(runId, out var run) ? await ProgressAsync(run, (int)argument(0)!) : new RunProgress { Phase = RunPhase.Unknown };
            case nameof(IRunCoordinatorGrain.CancelAsync):
                _runs[runId].Stop = (string)argument(0)!;
                return null;
            default:
                return new RunStatus(runId, RunPhase.Training, 0, 0, 0);
        }
    }

    private async Task<RunProgress> ProgressAsync(Run run, int afterEpoch)
    {
        if (await Task.WhenAny(run.Granted, Task.Delay(TimeSpan.FromSeconds(10))) != run.Granted)
        {
            return new RunProgress { Phase = RunPhase.Waiting };
        }

        var (spec, last) = (run.Spec, run.Spec.PauseAfterEpoch > 0 ? run.Spec.PauseAfterEpoch : run.Spec.Epochs);
        if (run.Stop is null && afterEpoch < last)
        {
            Interlocked.Increment(ref _reports);
            return new RunProgress { Phase = RunPhase.Training, Epochs = [StandInReports.Epoch(spec, afterEpoch + 1)] };
        }

        await run.EndAsync();
        return run.Stop is { } reason ? new RunProgress { Phase = RunPhase.Cancelled, Final = new RunCancelled { Reason = reason }, Snapshot = "/snapshot" }
            : last < spec.Epochs ? new RunProgress { Phase = RunPhase.Cancelled, Final = new RunCancelled { Reason = "at its rung" }, Snapshot = "/snapshot" }
            : new RunProgress { Phase = RunPhase.Completed, Final = new RunCompleted { TestAccuracy = StandInReports.Accuracy(spec, last), WeightsSha256 = $"{spec.LearningRate}" } };
    }

    private sealed class Run(string id, RunSpec spec, TrialOrigin origin, StandInSilos silos, Func<IGrainFactory> grains)
    {
        private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

        private readonly DateTimeOffset _submittedAt = DateTimeOffset.UtcNow;
        private readonly TaskCompletionSource<IReadOnlyList<DeviceSlot>> _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _isBegun;
        private int _isEnded;

        public RunSpec Spec { get; } = spec;

        public string? Stop { get; set; }

        public Task<IReadOnlyList<DeviceSlot>> Granted => _granted.Task;

        public void Begin()
        {
            if (Interlocked.Exchange(ref _isBegun, 1) == 0)
            {
                Task.Run(AwaitSlotsAsync).Ignore();
            }
        }

        public async Task EndAsync()
        {
            if (Interlocked.Exchange(ref _isEnded, 1) == 0)
            {
                foreach (var silo in (await Granted).Select(slot => slot.Silo).Distinct())
                {
                    silos.LedgerOf(silo).Release(id, 1);
                }

                ListAsync(RunPhase.Completed).Ignore();
            }
        }

        private async Task AwaitSlotsAsync()
        {
            ListAsync(RunPhase.Starting).Ignore();
            var request = new GangRequest(id, 1, Spec.Workers, Spec.Workers, _submittedAt, [], origin.SweepId);
            while (!Granted.IsCompleted)
            {
                try
                {
                    var answer = grains().GetGrain<IGangPlacementGrain>(0).AwaitAsync(request, _patience, CancellationToken.None);
                    if (await answer.WaitAsync(2 * _patience) is { } slots)
                    {
                        _granted.TrySetResult(slots);
                    }
                }
                catch (Exception exception) when (exception is not SlotRefusedException) // its silo was killed, or that by which it asks
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50));
                }
            }
        }

        private async Task ListAsync(RunPhase phase) => await grains().GetGrain<IRunCatalogGrain>(0).RecordAsync(
            new RunEntry(id, _submittedAt, phase, Spec.Dataset, Spec.Architecture, Spec.Workers, Spec.OutputDirectory, origin.SweepId), CancellationToken.None);
    }
}
