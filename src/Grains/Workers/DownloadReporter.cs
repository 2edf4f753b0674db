using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Model.Data;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Tells the coordinator of a download's progress, a few times a second at most. Those of one generation are equal: one of them is enough.</summary>
internal sealed class DownloadReporter(IWorkerReports coordinator, int generation, TimeProvider clock)
    : IProgress<DownloadProgress>, IEquatable<DownloadReporter>
{
    private readonly (IWorkerReports Coordinator, int Generation) _audience = (coordinator, generation);
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);
    private long _last;

    /// <inheritdoc/>
    public bool Equals(DownloadReporter? other) => other is not null && _audience == other._audience;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DownloadReporter);

    /// <inheritdoc/>
    public override int GetHashCode() => _audience.GetHashCode();

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        if (_last != 0 && clock.GetElapsedTime(_last) < _interval && value.ReceivedBytes < value.TotalBytes)
        {
            return;
        }

        _last = clock.GetTimestamp();
        _audience.Coordinator.ReportDownloadAsync(
            _audience.Generation, new DataSetDownloading { File = value.FileName, Bytes = value.ReceivedBytes, TotalBytes = value.TotalBytes }, CancellationToken.None).Ignore();
    }
}
