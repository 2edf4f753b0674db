using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Silo;

/// <summary>Says in one line each which other silos come and go.</summary>
internal sealed partial class MembershipLog(ISiloStatusOracle membership, ILogger<MembershipLog> logger) : IHostedService, ISiloStatusListener
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        membership.SubscribeToSiloStatusEvents(this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        membership.UnSubscribeFromSiloStatusEvents(this);
        return Task.CompletedTask;
    }

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (updatedSilo.Equals(membership.SiloAddress))
        {
            return;
        }

        switch (status)
        {
            case SiloStatus.Active:
                LogJoined(updatedSilo);
                break;
            case SiloStatus.ShuttingDown:
                LogLeaving(updatedSilo);
                break;
            case SiloStatus.Dead:
                LogGone(updatedSilo);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} joined the cluster")]
    private partial void LogJoined(SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} is leaving the cluster")]
    private partial void LogLeaving(SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} is gone from the cluster")]
    private partial void LogGone(SiloAddress silo);
}
