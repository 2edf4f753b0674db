using Lcnn.Distributed.Contracts.Workers;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Takes no new workers, has the runs of those here take a snapshot and go on elsewhere, and waits until they have left.</summary>
internal sealed partial class SiloDrain(SlotLedger slots, ILocalSiloDetails silo, IGrainFactory grains, TimeProvider clock, ILogger<SiloDrain> logger)
    : ISiloDrain
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        slots.Drain();
        await Task.WhenAll(slots.Runs().Select(run => DrainAsync(run, cancellationToken)));
        await slots.WhenFreed().WaitAsync(cancellationToken);
        while (slots.Runs().Count > 0)
        {
            await Task.Delay(_look, clock, cancellationToken); // a reserved slot tells nobody when it is taken, released or lapses
            await slots.WhenFreed().WaitAsync(cancellationToken);
        }
    }

    private async Task DrainAsync(string run, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IWorkerReports>(run).DrainAsync(silo.SiloAddress.ToParsableString(), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotTold(exception, run);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} could not be told that its silo leaves")]
    private partial void LogNotTold(Exception exception, string runId);
}
