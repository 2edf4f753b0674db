using System.Runtime.ExceptionServices;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Model.Training;

/// <summary>A worker's compute threads: the caller's own and some dedicated ones, each with one intra-op thread (promise P1).</summary>
/// <remarks>torch's thread count, grad mode and dispose scopes are per thread, so work must stay on the thread that began it.</remarks>
public sealed class ComputeThreads : IDisposable
{
    private readonly CancellationToken _cancellation;
    private readonly Action? _advanced;
    private readonly Thread[] _helpers;
    private readonly SemaphoreSlim _begin = new(0);
    private readonly CountdownEvent _idle = new(1);
    private Action<int>? _body;
    private int _count;
    private int _next;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="threads"/> - 1 helpers and claims the calling thread as the first.</summary>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="name">Name of the helpers, for debuggers.</param>
    /// <param name="advanced">Called after every index, on the thread that ran it.</param>
    /// <param name="cancellationToken">Ends every later <see cref="Run"/> before its next index.</param>
    public ComputeThreads(int threads, string name, Action? advanced = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        OneIntraOpThread.Claim();
        _cancellation = cancellationToken;
        _advanced = advanced;
        _helpers = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(Help) { IsBackground = true, Name = $"{name}-{i}" })];
        foreach (var helper in _helpers)
        {
            helper.Start();
        }
    }

    /// <summary>Threads that compute, the caller's included.</summary>
    public int Count => _helpers.Length + 1;

    /// <summary>Runs a body for 0 .. count-1, each index once, on any of the threads; returns when all are done.</summary>
    /// <exception cref="OperationCanceledException">The threads were cancelled; some indices were not run.</exception>
    public void Run(int count, Action<int> body)
    {
        _body = body;
        _count = count;
        _next = 0;
        var helpers = Math.Min(_helpers.Length, Math.Max(0, count - 1));
        _idle.Reset(helpers + 1);
        if (helpers > 0)
        {
            _begin.Release(helpers);
        }

        Work();
        _idle.Signal();
        _idle.Wait();
        var failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        if (_helpers.Length > 0)
        {
            _begin.Release(_helpers.Length);
        }

        foreach (var helper in _helpers)
        {
            helper.Join();
        }

        _begin.Dispose();
        _idle.Dispose();
    }

    private void Help()
    {
        OneIntraOpThread.Claim();
        while (true)
        {
            _begin.Wait();
            if (_stopping)
            {
                return;
            }

            Work();
            _idle.Signal();
        }
    }

    private void Work()
    {
        try
        {
            for (var index = Interlocked.Increment(ref _next) - 1; index < _count && _failure is null; index = Interlocked.Increment(ref _next) - 1)
            {
                _cancellation.ThrowIfCancellationRequested();
                _body!(index);
                _advanced?.Invoke();
            }
        }
        catch (Exception exception)
        {
            // The first failure stops the others and is thrown to the caller of Run.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }
    }
}
