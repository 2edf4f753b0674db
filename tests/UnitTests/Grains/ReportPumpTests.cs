using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class ReportPumpTests
{
    [Fact]
    public async Task Post_StepsAndOthersMixed_ArriveInOrder()
    {
        var coordinator = new FakeCoordinator();
        var pump = new ReportPump(coordinator, generation: 7, TimeProvider.System, NullLogger.Instance);

        pump.Post(new StepCompleted { Step = 1 });
        pump.Post(new StepCompleted { Step = 2 });
        pump.Post((reports, generation) => reports.ReportEpochAsync(generation, new EpochCompleted { Step = 2 }, CancellationToken.None));
        pump.Post(new StepCompleted { Step = 3 });
        pump.Close();
        await pump.Completion;

        Assert.Equal(["step 1", "step 2", "epoch 2", "step 3"], coordinator.Heard);
        Assert.All(coordinator.Generations, generation => Assert.Equal(7, generation));
    }

    [Fact]
    public async Task Post_StepsPileUpBehindACall_GoTogether()
    {
        var coordinator = new FakeCoordinator();
        var pump = new ReportPump(coordinator, generation: 1, TimeProvider.System, NullLogger.Instance);
        var (called, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        pump.Post((_, _) =>
        {
            called.SetResult();
            return goOn.Task;
        });
        await called.Task;

        for (var step = 1; step <= 5; step++)
        {
            pump.Post(new StepCompleted { Step = step });
        }

        pump.Close();
        goOn.SetResult();
        await pump.Completion;

        Assert.Equal([5], coordinator.StepBatches);
    }

    [Fact]
    public async Task Post_ACallFails_TheRestStillArrives()
    {
        var coordinator = new FakeCoordinator { FailsSteps = true };
        var pump = new ReportPump(coordinator, generation: 1, TimeProvider.System, NullLogger.Instance);

        pump.Post(new StepCompleted { Step = 1 });
        pump.Post((_, _) => throw new TimeoutException("thrown before the first await"));
        pump.Post((_, _) => Task.FromException(new TimeoutException("thrown later")));
        pump.Post((reports, generation) => reports.ReportWarningAsync(generation, "still here", CancellationToken.None));
        pump.Close();
        await pump.Completion;

        Assert.Equal(["still here"], coordinator.Heard);
    }

    [Fact]
    public async Task Post_AfterClose_IsDropped()
    {
        var coordinator = new FakeCoordinator();
        var pump = new ReportPump(coordinator, generation: 1, TimeProvider.System, NullLogger.Instance);
        pump.Close();

        pump.Post(new StepCompleted { Step = 1 });
        await pump.Completion;

        Assert.Empty(coordinator.Heard);
    }

    private sealed class FakeCoordinator : IWorkerReports
    {
        public List<string> Heard { get; } = [];

        public List<int> StepBatches { get; } = [];

        public List<int> Generations { get; } = [];

        public bool FailsSteps { get; init; }

        public Task ReportStepsAsync(int generation, IReadOnlyList<StepCompleted> steps, CancellationToken cancellationToken)
        {
            if (FailsSteps)
            {
                throw new TimeoutException("the coordinator is away");
            }

            StepBatches.Add(steps.Count);
            return Hear(generation, [.. steps.Select(step => $"step {step.Step}")]);
        }

        public Task ReportEpochAsync(int generation, EpochCompleted epoch, CancellationToken cancellationToken) => Hear(generation, $"epoch {epoch.Step}");

        public Task ReportWarningAsync(int generation, string message, CancellationToken cancellationToken) => Hear(generation, message);

        public Task CommitSnapshotAsync(int generation, SnapshotCommitted snapshot, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReportCurvatureAsync(int generation, CurvatureProgressed progress, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReportDownloadAsync(int generation, DataSetDownloading progress, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReportFinishedAsync(int generation, WorkerFinished finished, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReportFailedAsync(int generation, int rank, string error, bool badInput, CancellationToken cancellationToken) => throw new NotSupportedException();

        private Task Hear(int generation, params string[] reports)
        {
            Generations.Add(generation);
            Heard.AddRange(reports);
            return Task.CompletedTask;
        }
    }
}
