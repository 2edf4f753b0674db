using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Counts the steps of one run and keeps their rates.</summary>
internal sealed class StepWatch(IRunHandle run)
{
    private readonly Lock _lock = new();
    private readonly List<double> _rates = [];
    private (int Count, TaskCompletionSource Reached)? _goal;

    /// <summary>Samples per second of the steps since the last restart.</summary>
    public IReadOnlyList<double> Rates
    {
        get
        {
            lock (_lock)
            {
                return [.. _rates];
            }
        }
    }

    /// <summary>Follows the run to its final event.</summary>
    public async Task<RunEvent> FollowAsync(CancellationToken cancellationToken)
    {
        RunEvent? last = null;
        await foreach (var next in run.WatchAsync(cancellationToken: cancellationToken))
        {
            last = next;
            if (next is StepCompleted step)
            {
                Add(step.SamplesPerSecond);
            }
        }

        return last!;
    }

    /// <summary>Forgets the steps so far.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _rates.Clear();
        }
    }

    /// <summary>Completes when there are so many.</summary>
    public Task ReachAsync(int count, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _goal = (count, reached);
            CheckGoal();
        }

        return reached.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Completes when all have so many, of runs that are being followed.</summary>
    /// <exception cref="InvalidOperationException">One of them ended first.</exception>
    public static async Task AllReachAsync(
        IReadOnlyList<StepWatch> watches, IReadOnlyList<Task<RunEvent>> following, int count, CancellationToken cancellationToken)
    {
        var reached = Task.WhenAll(watches.Select(watch => watch.ReachAsync(count, cancellationToken)));
        if (await Task.WhenAny(following.Append<Task>(reached)) is Task<RunEvent> ended)
        {
            throw new InvalidOperationException($"a run of the benchmark ended early: {(await ended as RunFailed)?.Error ?? "it was cancelled, or has too few steps"}");
        }

        await reached;
    }

    private void Add(double rate)
    {
        lock (_lock)
        {
            _rates.Add(rate);
            CheckGoal();
        }
    }

    private void CheckGoal()
    {
        if (_goal is { } goal && _rates.Count >= goal.Count)
        {
            goal.Reached.TrySetResult();
        }
    }
}
