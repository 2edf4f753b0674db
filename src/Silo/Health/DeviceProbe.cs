using Lcnn.Distributed.Grains.Placement;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Silo.Health;

/// <summary>Loads libtorch and looks for the devices of the slots as soon as the silo has started, so that it is not the first run that finds out.</summary>
internal sealed partial class DeviceProbe(SlotLedger slots, ILogger<DeviceProbe> logger) : BackgroundService
{
    private volatile string? _problem = "they are being looked for";

    /// <summary>What is wrong with them; null when all is well.</summary>
    public string? Problem => _problem;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Run(slots.Report, stoppingToken);
            _problem = null;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            _problem = exception.Message;
            LogFailed(exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The devices of this silo's slots cannot be used: {Problem}")]
    private partial void LogFailed(string problem);
}
