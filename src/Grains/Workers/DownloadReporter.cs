using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Downloads;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Tells the coordinator of the progress of a download, or of decoding. Those of one generation are equal: one of them is enough.</summary>
internal sealed record DownloadReporter(IWorkerReports Coordinator, int Generation) : IProgress<DownloadProgress>
{
    /// <inheritdoc/>
    public void Report(DownloadProgress value) => Coordinator.ReportDownloadAsync(
        Generation,
        new DataSetDownloading { File = value.FileName, Bytes = value.ReceivedBytes, TotalBytes = value.TotalBytes, Images = value.DecodedImages },
        CancellationToken.None).Ignore();
}
