using System.Threading.Channels;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client.Recording.Mlflow;

/// <summary>Records a run on an MLflow server: its metrics over steps, its spec as parameters, its end. Sends beside the run, in batches, again and again while the server is away.</summary>
public sealed class MlflowLog : IRunRecorder
{
    private const int MostMetrics = 1000; // of a batch, as the server wants it
    private const int EnoughMetrics = 900; // no event has a hundred
    private const int MostParameters = 100;
    private const int MostOfAValue = 500; // what the oldest servers take
    private const int MostWaiting = 100_000;
    private static readonly TimeSpan _gather = TimeSpan.FromSeconds(1);

    private readonly Channel<RunEvent> _events = Channel.CreateBounded<RunEvent>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly MlflowOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly MlflowApi _api;
    private readonly Task _sending;
    private string? _run;
    private int _lost;
    private bool _isSilenceTold;

    /// <summary>Begins to wait for events; nothing is sent before the first.</summary>
    /// <param name="options">Server, experiment and login.</param>
    /// <param name="warn">Told, once each, that the server does not answer, that it refuses, and that something was not sent.</param>
    /// <param name="clock">Measures pauses; the system's unless given.</param>
    public MlflowLog(MlflowOptions options, Action<string>? warn = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _warn, _clock) = (options, warn ?? (_ => { }), clock ?? TimeProvider.System);
        _api = new MlflowApi(options, _clock, TellSilence);
        _sending = Task.Run(() => SendAsync(_stop.Token));
    }

    /// <inheritdoc/>
    public void Record(RunEvent runEvent)
    {
        ArgumentNullException.ThrowIfNull(runEvent);
        var isOfARun = runEvent.RunId.Length > 0; // one that was refused never was one
        if (isOfARun && (runEvent is RunStarted || runEvent.IsFinal || RunScalars.Of(runEvent).Count > 0) && !_events.Writer.TryWrite(runEvent))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Waits for what is not sent yet, for <see cref="MlflowOptions.LastWait"/> at most.</summary>
    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        _stop.CancelAfter(_options.LastWait);
        await _sending;
        _api.Dispose();
        _stop.Dispose();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _events.Reader.WaitToReadAsync(cancellationToken))
            {
                await SendBatchAsync(cancellationToken);
                if (_events.Reader.Count == 0)
                {
                    await Task.WhenAny(Task.Delay(_gather, _clock, cancellationToken), _events.Reader.Completion);
                }
            }

            if (_lost > 0)
            {
                _warn($"MLflow at {_api.Name} was too slow for the run: {_lost} events were not sent to it");
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _warn($"MLflow at {_api.Name} did not take all of the run within {_options.LastWait.TotalSeconds:0.#} s of its end; 'lcnn watch' of a cluster's run, or 'lcnn report' of its folder, has all of it");
        }
        catch (Exception exception) // a recorder never ends a run
        {
            _warn($"nothing more is sent to MLflow at {_api.Name}: {exception.Message}");
            _events.Writer.TryComplete();
        }
    }

    private async Task SendBatchAsync(CancellationToken cancellationToken)
    {
        var (metrics, parameters, final) = (new List<MlflowMetric>(), new List<MlflowPair>(), (RunEvent?)null);
        while (metrics.Count < EnoughMetrics && _events.Reader.TryRead(out var runEvent))
        {
            _run ??= await OpenAsync(runEvent, cancellationToken);
            metrics.AddRange(RunScalars.Of(runEvent).Select(scalar =>
                new MlflowMetric(NameOf(scalar.Tag), scalar.Value, runEvent.Time.ToUnixTimeMilliseconds(), scalar.Step)));
            parameters.AddRange(runEvent is RunStarted started ? ParametersOf(started.Spec) : []);
            final = runEvent.IsFinal ? runEvent : final;
        }

        foreach (var some in parameters.Chunk(MostParameters))
        {
            await _api.LogBatchAsync(_run!, [], some, cancellationToken);
        }

        foreach (var some in metrics.Chunk(MostMetrics))
        {
            await _api.LogBatchAsync(_run!, some, [], cancellationToken);
        }

        if (final is not null)
        {
            await _api.UpdateRunAsync(_run!, final is RunCompleted ? "FINISHED" : final is RunFailed ? "FAILED" : "KILLED", final.Time, cancellationToken);
        }
    }

    private async Task<string> OpenAsync(RunEvent first, CancellationToken cancellationToken)
    {
        if (_options.RunId is { } given)
        {
            await _api.UpdateRunAsync(given, "RUNNING", null, cancellationToken);
            return given;
        }

        var experiment = await _api.FindExperimentAsync(_options.Experiment, cancellationToken);
        return await _api.FindRunAsync(experiment, first.RunId, cancellationToken)
            ?? await _api.CreateRunAsync(experiment, first.RunId, first.Time, [new MlflowPair(MlflowApi.RunTag, first.RunId), new MlflowPair("mlflow.source.name", "lcnn")], cancellationToken);
    }

    private static IEnumerable<MlflowPair> ParametersOf(RunSpec spec) => RunSpecOptions.All
        .Select(option => (option.Name, Value: option.Get(spec)?.ToString()))
        .Where(option => !string.IsNullOrEmpty(option.Value))
        .Select(option => new MlflowPair(option.Name, option.Value!.Length > MostOfAValue ? option.Value[..MostOfAValue] : option.Value));

    // What the server takes in a name.
    private static string NameOf(string tag) => string.Concat(tag.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or ' ' or '/' ? letter : '_'));

    private void TellSilence(string why)
    {
        if (!_isSilenceTold)
        {
            _isSilenceTold = true;
            _warn($"MLflow at {_api.Name} takes nothing: {why}; it is tried again beside the run");
        }
    }
}
