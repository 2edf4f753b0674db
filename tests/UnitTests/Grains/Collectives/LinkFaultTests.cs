using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Collectives;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

public sealed class LinkFaultTests
{
    private const int Steps = 60;

    // Nothing listens here.
    private const string Nowhere = "127.0.0.1:1";

    private static readonly TransportOptions _quick =
        new() { FirstDialDelay = TimeSpan.FromMilliseconds(1), MaxDials = 3, DialTime = TimeSpan.Zero, DialledTimeout = TimeSpan.FromMinutes(5) };

    [Fact]
    public async Task Exchange_ConnectionsAreCutAgainAndAgain_LosesAndDoublesNothing()
    {
        using var world = new Processes(2, options: new TransportOptions { FirstDialDelay = TimeSpan.FromMilliseconds(1), MaxDials = 1000 });
        var draws = new Random(7);
        using var first = new CuttingProxy(world.Addresses[0].StreamEndpoint, _ => draws.Next(300, 700_000));
        using var second = new CuttingProxy(world.Addresses[1].StreamEndpoint, _ => draws.Next(300, 700_000));
        world.Addresses[0] = world.Addresses[0] with { StreamEndpoint = first.Endpoint };
        world.Addresses[1] = world.Addresses[1] with { StreamEndpoint = second.Endpoint };

        await ExchangeAsync(world.BeginAll("stream"));

        Assert.True(first.Connections + second.Connections > 5);
    }

    [Fact]
    public async Task Exchange_StreamBreaksForGood_GoesOnThroughGrainsAndLosesNothing()
    {
        using var world = new Processes(2, options: _quick);
        var channels = Proxied(world, _ => 100_000, out var proxies);
        proxies.ForEach(proxy => proxy.Stop = 2);

        await ExchangeAsync(channels);

        Assert.All(channels, channel => Assert.True(channel.BytesSent["grain"] > 0));
        Assert.All(channels, channel => Assert.Equal(TotalBytes, channel.BytesSent["grain"] + channel.BytesSent.GetValueOrDefault("stream")));
        Assert.Equal([1, 1], [world.HubOf(0).Counters.Fallbacks, world.HubOf(1).Counters.Fallbacks]);
        proxies.ForEach(proxy => proxy.Dispose());
    }

    [Fact]
    public async Task Exchange_NoStreamFromTheStart_GoesThroughGrains()
    {
        using var world = new Processes(2, options: _quick);
        Unreachable(world);

        var channels = world.BeginAll("auto");
        await ExchangeAsync(channels);

        Assert.All(channels, channel => Assert.Equal(TotalBytes, channel.BytesSent["grain"]));
    }

    [Fact]
    public async Task Dial_InVain_GoesOnForItsTimeHoweverManyItTakes()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        using var world = new Processes(2, options: new TransportOptions { FirstDialDelay = TimeSpan.FromMilliseconds(1), MaxDials = 1, DialTime = TimeSpan.FromMinutes(10) });
        Unreachable(world);

        world.BeginAll("auto");

        while (world.HubOf(0).Counters.Dials + world.HubOf(1).Counters.Dials < 4)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(0, world.HubOf(0).Counters.Fallbacks + world.HubOf(1).Counters.Fallbacks);
    }

    [Fact]
    public async Task Exchange_GrainCallsFailAndRepeatAndOvertake_LosesAndDoublesNothing()
    {
        using var world = new Processes(2, options: new TransportOptions { FirstDialDelay = TimeSpan.FromMilliseconds(1), MaxRelayCalls = 1000 });
        var deliver = world.Relay;
        var draws = new Random(3);
        world.Relay = async (rank, block) =>
        {
            int luck;
            lock (draws)
            {
                luck = draws.Next(4);
            }

            if (luck == 0)
            {
                throw new TimeoutException("lost on the way");
            }

            await Task.Yield();
            await deliver(rank, block);
            if (luck == 1)
            {
                throw new TimeoutException("the answer was lost");
            }
        };

        await ExchangeAsync(world.BeginAll("grain"), steps: 10);
    }

    [Fact]
    public async Task Exchange_StreamOfAProcessToItselfIsCut_LosesAndDoublesNothing()
    {
        using var world = new Processes(1, ranksEach: 2, options: new TransportOptions { FirstDialDelay = TimeSpan.FromMilliseconds(1), MaxDials = 6, DialTime = TimeSpan.Zero });
        using var proxy = new CuttingProxy(world.Addresses[0].StreamEndpoint, connection => connection == 0 ? 200_000 : long.MaxValue);
        Array.Fill(world.Addresses, world.Addresses[0] with { StreamEndpoint = proxy.Endpoint });

        await ExchangeAsync(world.BeginAll("stream"));

        Assert.Equal(2, proxy.Connections);
    }

    // The acknowledgements that a sender waits for are behind parcels that nobody takes before it is done.
    [Fact]
    public async Task Send_AllSendMoreThanIsKeptAndThanMayWaitBeforeAnyTakes_GoesOn()
    {
        const int Parcels = 8;
        const int Bytes = 600_000;
        using var world = new Processes(2, options: new TransportOptions { MaxUnacknowledgedBytes = 1_000_000, MaxWaitingBytes = 2_000_000 });

        var received = await Task.WhenAll(world.BeginAll("stream").Select(channel => OnThread(() =>
        {
            for (var step = 0; step < Parcels; step++)
            {
                channel.Send(1 - channel.Rank, new ParcelKey(ParcelKind.State, step), Parcel(channel.Rank, step, _ => Bytes));
            }

            return Enumerable.Range(0, Parcels).Sum(step => channel.Receive<StateParcel>(1 - channel.Rank, new ParcelKey(ParcelKind.State, step)).ByteCount);
        })));

        Assert.All(received, bytes => Assert.Equal(Parcels * Bytes, bytes));
    }

    // A lost call is made again after others: what comes early must not be more than the receiver keeps, however long one call takes.
    [Fact]
    public async Task Exchange_GrainCallsOfManyBlocksAreLateByMany_LosesNothing()
    {
        using var world = new Processes(2, options: new TransportOptions { FirstDialDelay = TimeSpan.FromMilliseconds(1), MaxRelayCalls = 1000 });
        var deliver = world.Relay;
        var draws = new Random(4);
        world.Relay = (rank, block) =>
        {
            lock (draws)
            {
                return draws.Next(3) == 0 ? throw new TimeoutException("lost on the way") : deliver(rank, block);
            }
        };

        await ExchangeAsync(world.BeginAll("grain"), step => 10_000_000 + step, steps: 3);
    }

    [Fact]
    public async Task Take_NothingReachesThePeer_NamesRankAndEndpoint()
    {
        using var world = new Processes(2, options: new TransportOptions
        {
            FirstDialDelay = TimeSpan.FromMilliseconds(1),
            MaxDials = 3,
            DialTime = TimeSpan.Zero,
            DialledTimeout = TimeSpan.FromMilliseconds(100),
        });
        Unreachable(world);
        world.Relay = (_, _) => throw new TimeoutException("no answer");
        var channels = world.BeginAll("auto");
        var key = new ParcelKey(ParcelKind.State, 0);
        channels[0].Send(1, key, Parcel(0, 0));

        var problem = await Assert.ThrowsAsync<PeerUnreachableException>(() => OnThread(() => channels[0].Receive<StateParcel>(1, key)));

        Assert.Equal(1, problem.Rank);
        Assert.Equal($"rank 1 at {Nowhere} cannot be reached: no answer", problem.Message);
        Assert.Throws<PeerUnreachableException>(() => channels[0].Send(1, key, Parcel(0, 0)));
    }

    [Fact]
    public async Task Take_PeerHasLeft_SaysSoAfterItsLastParcel()
    {
        using var world = new Processes(2);
        var channels = world.BeginAll("stream");
        var key = new ParcelKey(ParcelKind.State, 0);
        channels[1].Send(0, key, Parcel(1, 0));
        world.HubOf(1).Close(Processes.RunId, 1, 1);

        var parcel = await OnThread(() => channels[0].Receive<StateParcel>(1, key));
        var problem = await Assert.ThrowsAsync<PeerUnreachableException>(() => OnThread(() => channels[0].Receive<StateParcel>(1, key with { Step = 1 })));

        Assert.Single(parcel.Model);
        Assert.EndsWith("its process has left the run", problem.Message);
    }

    private static long TotalBytes => Enumerable.Range(0, Steps).Sum(Size);

    private static int Size(int step) => step % 7 == 0 ? 150_000 : step * 31;

    private static void Unreachable(Processes world)
    {
        for (var rank = 0; rank < world.WorldSize; rank++)
        {
            world.Addresses[rank] = world.Addresses[rank] with { StreamEndpoint = Nowhere };
        }
    }

    private static RankChannel[] Proxied(Processes world, Func<int, long> cutAfter, out List<CuttingProxy> proxies)
    {
        proxies = [];
        for (var rank = 0; rank < world.WorldSize; rank++)
        {
            var proxy = new CuttingProxy(world.Addresses[rank].StreamEndpoint, cutAfter);
            proxies.Add(proxy);
            world.Addresses[rank] = world.Addresses[rank] with { StreamEndpoint = proxy.Endpoint };
        }

        return world.BeginAll("auto");
    }

    private static StateParcel Parcel(int rank, int step, Func<int, int>? size = null)
    {
        var data = new byte[(size ?? Size)(step)];
        new Random((rank * 1000) + step).NextBytes(data);
        return new StateParcel([new SafeTensor($"{rank}/{step}", ElementType.U8, [data.Length], data)], []);
    }

    private static async Task ExchangeAsync(RankChannel[] channels, Func<int, int>? size = null, int steps = Steps) => await Task.WhenAll(channels.Select(channel => OnThread(() =>
    {
        for (var step = 0; step < steps; step++)
        {
            var key = new ParcelKey(ParcelKind.State, step);
            channel.Send(1 - channel.Rank, key, Parcel(channel.Rank, step, size));
            var got = channel.Receive<StateParcel>(1 - channel.Rank, key);
            Assert.Equal($"{1 - channel.Rank}/{step}", got.Model[0].Name);
            Assert.True(got.Model[0].Data.Span.SequenceEqual(Parcel(1 - channel.Rank, step, size).Model[0].Data.Span));
        }

        return true;
    })));

    private static Task<T> OnThread<T>(Func<T> work) => Task.Factory
        .StartNew(work, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
}
