using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Says every few seconds how far an evaluation is.</summary>
internal sealed class EvaluationLines(TextWriter error, TimeProvider clock) : IEvaluationDisplay
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly EvaluationText _text = new(clock);
    private long _lastLineAt = clock.GetTimestamp();

    public void Report(EvaluationProgress value)
    {
        lock (_lock)
        {
            var line = _text.Of(value);
            if (clock.GetElapsedTime(_lastLineAt) >= _pause)
            {
                _lastLineAt = clock.GetTimestamp();
                error.WriteLine(line);
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
