using System.Diagnostics.Tracing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Silo.Telemetry;

/// <summary>Says that the collector is not reached, which OpenTelemetry tells nobody but those who listen to its events.</summary>
internal sealed partial class CollectorTrouble(string collector, TimeProvider clock, ILogger<CollectorTrouble> logger) : IHostedService, IDisposable
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(5);

    private Listener? _listener;
    private long? _toldAt;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener = new Listener();
        _listener.EventWritten += (_, written) => Tell(written);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _listener?.Dispose();

    private void Tell(EventWrittenEventArgs written)
    {
        if (written.Level > EventLevel.Warning || written.Message is null || (_toldAt is { } last && clock.GetElapsedTime(last) < _pause))
        {
            return;
        }

        _toldAt = clock.GetTimestamp();
        var problem = (written.Payload?.OfType<string>().LastOrDefault() ?? written.Message).Split('\n')[0].Trim();
        LogNotSent(collector, problem.Split("Exception: ", 2)[^1]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Measurements, spans or logs could not be sent to {Collector}: {Problem}; nothing else depends on it")]
    private partial void LogNotSent(string collector, string problem);

    private sealed class Listener : EventListener
    {
        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == Exporter)
            {
                EnableEvents(eventSource, EventLevel.Warning);
            }
        }
    }
}
