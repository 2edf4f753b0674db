using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>Makes a call again for as long as its answer may still come; only for calls that may be repeated.</summary>
internal sealed class Retry(string what, TimeProvider clock, ILogger logger)
{
    public async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(what, clock, logger);
        while (true)
        {
            try
            {
                var answer = await call();
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
}
