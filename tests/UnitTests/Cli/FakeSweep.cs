using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>A sweep whose log and trials are what the test scripted.</summary>
internal sealed class FakeSweep : ISweepHandle
{
    public string Id => "sweep-1";

    /// <summary>What was started.</summary>
    public SweepSpec Spec { get; set; } = SampleSweep.Spec;

    /// <summary>The log.</summary>
    public IReadOnlyList<SweepEvent> Events { get; set; } = [];

    /// <summary>The trials.</summary>
    public IReadOnlyList<TrialEntry> Trials { get; set; } = [];

    /// <summary>Where it stands.</summary>
    public SweepStatus Status { get; set; } = new() { SweepId = "sweep-1", Phase = SweepPhase.Running };

    /// <summary>Thrown by the watch when the events are used up.</summary>
    public Exception? WatchError { get; set; }

    /// <summary>What was asked of it, in order.</summary>
    public List<string> Orders { get; } = [];

    /// <summary>Called for each of them.</summary>
    public Action<string> OnOrder { get; set; } = _ => { };

    public IAsyncEnumerable<SweepEvent> WatchAsync(long afterSequence = 0, CancellationToken cancellationToken = default) =>
        Events.Where(next => next.Sequence > afterSequence).ToAsyncEnumerable().Concat(End());

    public Task<SweepEvent> WaitAsync(CancellationToken cancellationToken = default) => Task.FromResult(Events[^1]);

    public Task<SweepStatus> GetStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(Status);

    public Task<SweepSpec> GetSpecAsync(CancellationToken cancellationToken = default) => Task.FromResult(Spec);

    public Task<IReadOnlyList<TrialEntry>> GetTrialsAsync(CancellationToken cancellationToken = default) => Task.FromResult(Trials);

    public Task PauseAsync(CancellationToken cancellationToken = default) => Order("pause");

    public Task ResumeAsync(CancellationToken cancellationToken = default) => Order("resume");

    public Task StopAsync(string reason, CancellationToken cancellationToken = default) => Order($"stop: {reason}");

    public Task AddTrialsAsync(int count, IReadOnlyList<ParameterSet>? parameters = null, CancellationToken cancellationToken = default) => Order($"add {count}");

    private async IAsyncEnumerable<SweepEvent> End()
    {
        await Task.CompletedTask;
        if (WatchError is not null)
        {
            throw WatchError;
        }

        yield break;
    }

    private Task Order(string order)
    {
        Orders.Add(order);
        OnOrder(order);
        return Task.CompletedTask;
    }
}
