namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Says now and then how many images were decoded.</summary>
internal sealed class DecodingLines(Action<int> say, TimeProvider clock, TimeSpan pause) : IProgress<int>
{
    private long _lastAt = clock.GetTimestamp();

    public void Report(int value)
    {
        if (clock.GetElapsedTime(_lastAt) >= pause)
        {
            _lastAt = clock.GetTimestamp();
            say(value);
        }
    }
}
