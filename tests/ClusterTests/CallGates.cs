using System.Collections.Concurrent;

namespace Lcnn.Distributed.ClusterTests;

/// <summary>Holds chosen grain calls of a run before they are carried out, so that a test can act in between, loses them, or gives them another answer.</summary>
internal sealed class CallGates : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<(string RunId, string Method), Gate> _gates = new();

    private readonly ConcurrentDictionary<(string RunId, string Method), Func<object?>> _answers = new();

    private readonly ConcurrentDictionary<(string RunId, string Method), int> _lost = new();

    /// <summary>Answers the calls of a method to a run as the test says; with null, as the run does.</summary>
    public void Answer(string runId, string method, Func<object?> answer) => _answers[(runId, method)] = answer;

    /// <summary>Has the next calls of a method to any worker of a run fail before they arrive.</summary>
    public void Lose(string runId, string method, int count) => _lost[(runId, method)] = count;

    /// <summary>Holds the calls of a method to any worker of a run, until disposed.</summary>
    public Gate Hold(string runId, string method) => _gates.GetOrAdd((runId, method), static _ => new Gate());

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var runId = context.TargetId.Key.ToString()!.Split('/')[0];
        if (_gates.TryGetValue((runId, context.MethodName), out var gate))
        {
            await gate.PassAsync();
        }

        if (_lost.ContainsKey((runId, context.MethodName)) && _lost.AddOrUpdate((runId, context.MethodName), 0, static (_, left) => left - 1) >= 0)
        {
            throw new TimeoutException("the call was lost");
        }

        await context.Invoke();
        if (_answers.TryGetValue((runId, context.MethodName), out var answer) && answer() is { } other)
        {
            context.Result = other;
        }
    }

    internal sealed class Gate : IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when the first call is held.</summary>
        public Task Reached => _reached.Task.WaitAsync(RunWatch.Patience);

        public Task PassAsync()
        {
            _reached.TrySetResult();
            return _open.Task;
        }

        /// <summary>Lets all calls go, for good.</summary>
        public void Dispose() => _open.TrySetResult();
    }
}
