using System.Collections.Concurrent;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

// libtorch's default number of threads is of the whole process.
[Collection(nameof(TensorCount))]
public sealed class ComputeThreadsTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 5)]
    [InlineData(4, 1)]
    [InlineData(4, 4)]
    [InlineData(3, 1000)]
    public void Run_AnyCount_RunsEachIndexOnce(int threads, int count)
    {
        using var pool = new ComputeThreads(threads, "test");
        for (var again = 0; again < 20; again++)
        {
            var runs = new int[count];

            pool.Run(count, index => Interlocked.Increment(ref runs[index]));

            Assert.All(runs, times => Assert.Equal(1, times));
        }
    }

    [Fact]
    public void Run_AsManyIndicesAsThreads_RunsThemAtTheSameTimeWithOneIntraOpThreadEach()
    {
        using var pool = new ComputeThreads(3, "test");
        using var meeting = new Barrier(3);
        var intraOp = new ConcurrentBag<int>();

        pool.Run(3, _ =>
        {
            Assert.True(meeting.SignalAndWait(TimeSpan.FromMinutes(1)));
            intraOp.Add(get_num_threads());
        });

        Assert.Equal(3, pool.Count);
        Assert.Equal([1, 1, 1], intraOp);
    }

    [Fact]
    public void Run_AnotherThreadSetTheDefaultMeanwhile_KeepsOneIntraOpThread()
    {
        using var pool = new ComputeThreads(2, "test");
        using var meeting = new Barrier(2);
        var intraOp = new ConcurrentBag<int>();
        var other = new Thread(() => set_num_threads(3));
        other.Start();
        other.Join();

        pool.Run(2, _ =>
        {
            Assert.True(meeting.SignalAndWait(TimeSpan.FromMinutes(1)));
            intraOp.Add(get_num_threads());
        });

        set_num_threads(1);
        Assert.Equal([1, 1], intraOp);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_BodyThrows_ThrowsItAndCanRunAgain(int threads)
    {
        using var pool = new ComputeThreads(threads, "test");

        var problem = Assert.Throws<InvalidOperationException>(
            () => pool.Run(50, index => throw new InvalidOperationException($"at {index}")));

        Assert.StartsWith("at ", problem.Message, StringComparison.Ordinal);
        var sum = 0;
        pool.Run(10, index => Interlocked.Add(ref sum, index));
        Assert.Equal(45, sum);
    }

    [Fact]
    public void Run_BodyThrows_SkipsTheRest()
    {
        using var pool = new ComputeThreads(1, "test");
        var ran = 0;

        Assert.Throws<InvalidOperationException>(() => pool.Run(10, index =>
        {
            ran++;
            if (index == 3)
            {
                throw new InvalidOperationException();
            }
        }));

        Assert.Equal(4, ran);
    }

    [Fact]
    public void Run_Cancelled_EndsBeforeTheNextIndex()
    {
        using var stop = new CancellationTokenSource();
        using var pool = new ComputeThreads(1, "test", cancellationToken: stop.Token);
        var ran = 0;

        Assert.Throws<OperationCanceledException>(() => pool.Run(10, _ =>
        {
            ran++;
            stop.Cancel();
        }));

        Assert.Equal(1, ran);
    }

    [Fact]
    public void Dispose_AfterAFailure_EndsTheHelpers()
    {
        var helpers = new ConcurrentDictionary<Thread, bool>();
        var pool = new ComputeThreads(3, "test");
        using var meeting = new Barrier(3);
        Assert.Throws<InvalidOperationException>(() => pool.Run(3, _ =>
        {
            helpers[Thread.CurrentThread] = true;
            meeting.SignalAndWait(TimeSpan.FromMinutes(1));
            throw new InvalidOperationException();
        }));

        pool.Dispose();

        Assert.Equal(3, helpers.Count);
        Assert.All(helpers.Keys.Where(thread => thread != Thread.CurrentThread), thread => Assert.False(thread.IsAlive));
    }

    [Fact]
    public void Create_NoThread_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new ComputeThreads(0, "test"));
}
