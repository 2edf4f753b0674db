using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class EventRingTests
{
    [Fact]
    public void Reads_AnyPositionAndLimit_AgreeWithAList()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 50; trial++)
        {
            var capacity = random.Next(1, 40);
            var ring = new EventRing<RunEvent>(capacity);
            var list = new List<RunEvent>();
            var last = 0L;
            for (var i = random.Next(100); i > 0; i--)
            {
                last += random.Next(1, 3); // numbers may have gaps
                ring.Add(new RunWarning { Sequence = last });
                list.Add(new RunWarning { Sequence = last });
            }

            list.RemoveRange(0, Math.Max(0, list.Count - capacity));
            for (var position = -1L; position <= last + 2; position++)
            {
                var limit = random.Next(1, 10);
                Assert.Equal(list.Where(e => e.Sequence > position).Take(limit), ring.After(position, limit));
                Assert.Equal(list.Where(e => e.Sequence < position).TakeLast(limit), ring.Before(position, limit));
            }

            Assert.Equal((list.Count, last, list.Count == 0 ? last + 1 : list[0].Sequence), (ring.Count, ring.LastSequence, ring.FirstSequence));
        }
    }

    [Fact]
    public void Keep_Some_DropsTheOthersButNeverTheNewestAndNumbersGoOn()
    {
        var ring = new EventRing<RunEvent>(10);
        for (var number = 1; number <= 5; number++)
        {
            ring.Add(new RunWarning { Sequence = number });
        }

        ring.Keep(static held => held.Sequence is 2 or 3);

        Assert.Equal([2L, 3, 5], ring.After(0, 10).Select(runEvent => runEvent.Sequence));
        Assert.Empty(ring.After(long.MaxValue, 10));
        Assert.Equal(5, ring.LastSequence);
        for (var number = 6; number <= 20; number++)
        {
            ring.Add(new RunWarning { Sequence = number });
        }

        Assert.Equal([11L, 20], new[] { ring.FirstSequence, ring.LastSequence });
        var empty = new EventRing<RunEvent>(10);
        empty.Keep(static _ => false);
        empty.Add(new RunWarning { Sequence = 1 });
        Assert.Equal(1, empty.Count);
    }
}
