using Lcnn.Distributed.Grains.Collectives.Streams;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.UnitTests.Client;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

public sealed class RejectionLogTests
{
    [Fact]
    public void Add_ManyStrangersInAMinute_TellsTheFirstAndThenTheirNumber()
    {
        var (clock, logger) = (new FakeTimeProvider(), new RecordingLogger());
        using var log = new RejectionLog(clock, logger);

        for (var i = 0; i < 200; i++)
        {
            log.Add(RejectReason.Truncated, $"stranger {i}");
        }

        Assert.Equal("A stream was turned away (Truncated): stranger 0", Assert.Single(logger.Messages));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("199 more streams were turned away within a minute, the last of them (Truncated): stranger 199", logger.Messages.Last());

        clock.Advance(TimeSpan.FromMinutes(10)); // nobody comes
        Assert.Equal(2, logger.Messages.Count);
        log.Add(RejectReason.TooMany, "another");
        Assert.Equal("A stream was turned away (TooMany): another", logger.Messages.Last());
    }
}
