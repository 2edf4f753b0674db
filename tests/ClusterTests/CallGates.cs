using System.Collections.Concurrent;

namespace Lcnn.Distributed.ClusterTests;

/// <summary>Holds chosen grain calls of a run before they are carried out, so that a test can act in between.</summary>
internal sealed class CallGates : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<(string RunId, string Method), Gate> _gates = new();

    /// <summary>Holds the calls of a method to any worker of a run, until disposed.</summary>
    public Gate Hold(string runId, string method) => _gates.GetOrAdd((runId, method), static _ => new Gate());

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var runId = context.TargetId.Key.ToString()!.Split('/')[0];
        if (_gates.TryGetValue((runId, context.MethodName), out var gate))
        {
            await gate.PassAsync();
        }

        await context.Invoke();
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
