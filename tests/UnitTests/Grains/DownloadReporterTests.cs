using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Grains.Workers;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>A download that several runs wait for: to each of their coordinators it is a sign of life.</summary>
public sealed class DownloadReporterTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Coordinator _one = new();
    private readonly Coordinator _other = new();
    private readonly SharedProgress _shared;

    public DownloadReporterTests() => _shared = new SharedProgress(_clock);

    [Fact]
    public void Report_SharedByRanksAndRuns_ReachesEachGenerationOnce()
    {
        Add(_one, generation: 1);
        Add(_one, generation: 1);
        Add(_other, generation: 3);

        Report(10);
        Add(_one, generation: 2);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Report(20);

        Assert.Equal([(1, 10), (1, 20), (2, 20)], _one.Heard.Order());
        Assert.Equal([(3, 10), (3, 20)], _other.Heard.Order());
    }

    [Fact]
    public void Report_OfDecodedImages_ComesNowAndThen()
    {
        Add(_one, generation: 1);
        foreach (var images in (int[])[64, 128, 192])
        {
            _shared.Report(new DownloadProgress("photos", 0, 0, images));
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        _shared.Report(new DownloadProgress("photos", 0, 0, 256));

        Assert.Equal([64, 256], _one.Images);
    }

    private void Add(Coordinator coordinator, int generation) => _shared.Add(new DownloadReporter(coordinator, generation));

    private void Report(long bytes) => _shared.Report(new DownloadProgress("file", bytes, 100));

    private sealed class Coordinator : FakeReports
    {
        public List<(int Generation, long Bytes)> Heard { get; } = [];

        public List<int> Images { get; } = [];

        public override Task ReportDownloadAsync(int generation, DataSetDownloading progress, CancellationToken cancellationToken)
        {
            Heard.Add((generation, progress.Bytes));
            Images.Add(progress.Images);
            return Task.CompletedTask;
        }
    }
}
