using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>Makes a call again for as long as its answer may still come; only for calls that may be repeated.</summary>
internal sealed partial class Retry(string what, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan _notice = TimeSpan.FromSeconds(5);

    public async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var isTold = false;
        var backoff = new Backoff(what, clock, logger);
        while (true)
        {
            try
            {
                var calling = call();
                if (!isTold && !backoff.IsTrying && await Task.WhenAny(calling, Task.Delay(_notice, clock, cancellationToken)) != calling)
                {
                    isTold = true;
                    LogNoAnswer(what, _notice.TotalSeconds);
                }

                var answer = await calling;
                backoff.Reset();
                return answer;
            }
            catch (Exception exception) when (Backoff.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
            {
                await backoff.WaitAsync(exception, cancellationToken);
            }
        }
    }

    public Task CallAsync(Func<Task> call, CancellationToken cancellationToken) => CallAsync(
        async () =>
        {
            await call();
            return true;
        },
        cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: no answer from its silo for {Seconds:0} s; waiting on")]
    private partial void LogNoAnswer(string what, double seconds);
}
