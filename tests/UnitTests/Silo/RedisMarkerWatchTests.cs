using Lcnn.Distributed.Client;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Silo.Clustering;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class RedisMarkerWatchTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Answers _answers = new();
    private readonly StoreReach _reach;

    public RedisMarkerWatchTests() => _reach = new StoreReach(_clock);

    [Theory]
    [InlineData(null)]
    [InlineData("another")]
    public async Task Marker_GoneOrAnother_IsAFault(string? found)
    {
        _answers.Next.Enqueue(() => "mine");
        _answers.Next.Enqueue(() => found);
        var fault = new SiloFault(new Lifetime());

        await RunAsync(fault);

        Assert.Contains("redis://:***@host:6379 was emptied", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--resume", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_AwayAndBack_IsNoFaultUntilItIsEmpty()
    {
        var lifetime = new Lifetime();
        var fault = new SiloFault(lifetime);
        _answers.Next.Enqueue(() => throw new RedisConnectionException(ConnectionFailureType.SocketFailure, "away"));
        _answers.Next.Enqueue(() => throw new RedisServerException("LOADING"));
        _answers.Next.Enqueue(() => throw new TimeoutException());
        _answers.Next.Enqueue(() =>
        {
            Assert.Null(fault.Message);
            Assert.Equal(TimeSpan.FromSeconds(3), _reach.Away); // since the marker was put there
            return "mine";
        });
        _answers.Next.Enqueue(() => null);

        await RunAsync(fault);

        Assert.Equal(5, _answers.Reads);
        Assert.Equal(1, lifetime.Stops);
    }

    private async Task RunAsync(SiloFault fault)
    {
        var watch = new RedisMarkerWatch(ClusterAddress.Parse("redis://:s3cret@host"), _answers, fault, _reach, _clock, NullLogger<RedisMarkerWatch>.Instance)
            .RunAsync("mine", TestContext.Current.CancellationToken);
        while (!watch.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await watch;
    }

    private sealed class Answers : IRedisMarker
    {
        public Queue<Func<string?>> Next { get; } = new();

        public int Reads { get; private set; }

        public Task<string> EnsureAsync() => Task.FromResult("mine");

        public Task<string?> ReadAsync()
        {
            Reads++;
            return Task.FromResult(Next.Dequeue()());
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public int Stops { get; private set; }

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => Stops++;
    }
}
