using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Says every few seconds how far an evaluation is. Safe for concurrent calls.</summary>
internal sealed class EvaluationLines(TextWriter error, TimeProvider clock) : IProgress<EvaluationProgress>
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private long _lastLineAt = clock.GetTimestamp();

    public void Report(EvaluationProgress value)
    {
        lock (_lock)
        {
            if (clock.GetElapsedTime(_lastLineAt) >= _pause)
            {
                _lastLineAt = clock.GetTimestamp();
                error.WriteLine($"{(value.IsCurvature ? "curvature of" : "evaluated")} {value.Samples}/{value.TotalSamples} test samples");
            }
        }
    }
}
