using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Model.Data;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Tells the coordinator of a download's progress, a few times a second at most.</summary>
internal sealed class DownloadReporter(IWorkerReports coordinator, int generation, TimeProvider clock) : IProgress<DownloadProgress>
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);
    private long _last;

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        if (_last != 0 && clock.GetElapsedTime(_last) < _interval && value.ReceivedBytes < value.TotalBytes)
        {
            return;
        }

        _last = clock.GetTimestamp();
        coordinator.ReportDownloadAsync(
            generation, new DataSetDownloading { File = value.FileName, Bytes = value.ReceivedBytes, TotalBytes = value.TotalBytes }, CancellationToken.None).Ignore();
    }
}
