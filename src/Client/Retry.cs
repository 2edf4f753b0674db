using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>Repeats calls that do no harm when they are made twice.</summary>
internal static class Retry
{
    public static async Task UntilAnsweredAsync(Func<Task> call, string id, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var retry = new Backoff(id, clock, logger);
        while (true)
        {
            try
            {
                await call();
                retry.Reset();
                return;
            }
            catch (Exception exception) when (Backoff.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
            {
                await retry.WaitAsync(exception, cancellationToken);
            }
        }
    }
}
