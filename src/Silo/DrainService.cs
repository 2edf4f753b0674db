using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Silo;

/// <summary>Awaits the drain before anything else stops, unless a fault has made it pointless.</summary>
internal sealed partial class DrainService(ISiloDrain drain, SiloFault fault, IOptions<SiloOptions> options, TimeProvider clock, ILogger<DrainService> logger)
    : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (fault.Message is not null)
        {
            return;
        }

        using var limit = new CancellationTokenSource(options.Value.DrainTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // WaitAsync: the silo leaves in time even if a drain does not look at its token.
            await drain.DrainAsync(either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            LogTimedOut(options.Value.DrainTimeout);
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo could not hand over its work within {Timeout} and leaves all the same; its runs go on from their last snapshots")]
    private partial void LogTimedOut(TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The silo could not hand over its work and leaves all the same; its runs go on from their last snapshots")]
    private partial void LogFailed(Exception exception);
}
