using Lcnn.Distributed.Grains.Workers;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class PhaseProgressTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _told = [];

    [Fact]
    public void Advance_ManyParts_TellsOnceASecondInSamplesOfAll()
    {
        var progress = new PhaseProgress(_clock, _told.Add);
        progress.Begin(from: 0, to: 10_000, work: 100);

        for (var part = 0; part < 50; part++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            progress.Advance();
        }

        Assert.Equal([1000, 2000, 3000, 4000, 5000], _told);
    }

    [Fact]
    public void Advance_OneAfterAnotherPart_GoesOnFromTheFirst()
    {
        var progress = new PhaseProgress(_clock, _told.Add);
        progress.Begin(from: 0, to: 50, work: 10);
        progress.Advance();
        progress.Begin(from: 50, to: 60, work: 2);
        _clock.Advance(TimeSpan.FromSeconds(1));

        progress.Advance();
        _clock.Advance(TimeSpan.FromSeconds(1));
        progress.Advance();
        _clock.Advance(TimeSpan.FromSeconds(1));
        progress.Advance(); // more parts than were announced

        Assert.Equal([55, 60, 60], _told);
    }
}
