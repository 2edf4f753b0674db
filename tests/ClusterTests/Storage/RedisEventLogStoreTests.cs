using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Silo.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.ClusterTests.Storage;

public sealed class RedisEventLogStoreTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private readonly string _run = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RedisEventLogStore<RunEvent> Store => RedisEventLogs.OfRuns(redis.Connection, "cluster");

    public static TheoryData<RunEvent> Kinds =>
    [
        new RunStarted { Spec = Recipes.Default(), TotalSteps = 5, Ranks = [new RankAssignment(0, 0, 4, 3, 1, "cpu", "silo")], Generation = 2 },
        new StepCompleted { Step = 3, Loss = 0.1, LossTerms = new LossTerms(), TrainAccuracy = 0.5, LearningRate = double.NaN },
        new EpochCompleted { Epoch = 1, Beta = new ValueRange(1, 2) },
        new SnapshotCommitted { Step = 3, Path = "/a \"b\"", WeightsSha256 = "ab" },
        new RunWarning { Message = "\u00e9\n" },
        new CurvatureProgressed { Samples = 1, TotalSamples = 2 },
        new DataSetDownloading { File = "f", Bytes = 1L << 40 },
        new RunWaiting { Reason = "r" },
        new GenerationChanged { Generation = 2, FromStep = 1, ReplayedSteps = 3 },
        new RunCompleted { Ranks = [new RankReport { BytesSent = new Dictionary<string, long> { ["memory"] = 5 } }], Curvature = 4.5 },
        new RunFailed { Error = "e", BadInput = true },
        new RunCancelled { Reason = "r", Step = 4 },
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Append_EventOfAnyKind_ComesBackAsItWas(RunEvent runEvent)
    {
        var numbered = runEvent with { RunId = _run, Sequence = 1, Time = DateTimeOffset.UnixEpoch };

        await Store.AppendAsync(_run, [numbered], Token);

        var read = Assert.Single(await Store.ReadAfterAsync(_run, 0, 10, Token));
        Assert.Equal(runEvent.GetType(), read.GetType());
        Assert.Equal(RunEventJson.Serialize(numbered), RunEventJson.Serialize(read));
    }

    [Fact]
    public async Task Append_RedisHasNoRoom_IsRefusedByName()
    {
        var server = redis.Connection.GetServers()[0];
        await server.ConfigSetAsync("maxmemory", "1");
        try
        {
            var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => Store.AppendAsync(_run, [new RunWarning { Sequence = 1 }], Token));

            Assert.StartsWith("Redis refuses: OOM command not allowed when used memory > 'maxmemory'", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            await server.ConfigSetAsync("maxmemory", "0");
        }
    }

    [Fact]
    public async Task Reads_AnyPositionAndLimit_GiveEventsInOrder()
    {
        Assert.Empty(await Store.ReadBeforeAsync(_run, long.MaxValue, 5, Token));
        await Store.AppendAsync(_run, Steps(1, 10), Token);

        Assert.Equal([4L, 5], Numbers(await Store.ReadAfterAsync(_run, 3, 2, Token)));
        Assert.Equal([9L, 10], Numbers(await Store.ReadBeforeAsync(_run, long.MaxValue, 2, Token)));
        Assert.Equal([1L, 2], Numbers(await Store.ReadBeforeAsync(_run, 3, 9, Token)));
        Assert.Empty(await Store.ReadAfterAsync(_run, 10, 2, Token));
        Assert.Empty(await Store.ReadAfterAsync(_run, long.MaxValue, 2, Token));
        Assert.Empty(await Store.ReadBeforeAsync(_run, 1, 2, Token));
    }

    [Fact]
    public async Task Append_NumberThatIsTaken_StoresNothingOfTheBatch()
    {
        await Store.AppendAsync(_run, Steps(1, 3), Token);

        var refused = await Store.AppendAsync(_run, [.. Steps(3, 5, loss: 9)], Token);

        Assert.Equal(new EventLogAppended(IsSuperseded: true, LastSequence: 3), refused);
        Assert.Equal([1L, 2, 3], Numbers(await Store.ReadAfterAsync(_run, 0, 10, Token)));
    }

    [Fact]
    public async Task Append_SameBatchOnceMore_IsTakenForARetry()
    {
        await Store.AppendAsync(_run, Steps(1, 3), Token);
        await Store.AppendAsync(_run, Steps(4, 5), Token);

        Assert.Equal(new EventLogAppended(IsSuperseded: false, LastSequence: 5), await Store.AppendAsync(_run, Steps(4, 5), Token));
        Assert.Equal(new EventLogAppended(IsSuperseded: false, LastSequence: 5), await Store.AppendAsync(_run, Steps(1, 3), Token));
        Assert.Equal(5, (await Store.ReadAfterAsync(_run, 0, 10, Token)).Count);
    }

    [Fact]
    public async Task Append_TwoCoordinatorsAtOnce_EachNumberHasOneContent()
    {
        var refused = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            var lost = 0;
            for (var number = 1; number <= 20; number += 2)
            {
                lost += (await Store.AppendAsync(_run, Steps(number, number + 1, loss: writer), Token)).IsSuperseded ? 1 : 0;
            }

            return lost;
        }, Token)));

        var events = (await Store.ReadAfterAsync(_run, 0, 100, Token)).Cast<StepCompleted>().ToList();
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (long)number), Numbers(events));
        Assert.All(events.Chunk(2), batch => Assert.Equal(batch[0].Loss, batch[1].Loss));
        Assert.Equal(70, refused.Sum());
    }

    [Fact]
    public async Task Append_BeyondTheCapacity_ForgetsTheOldest()
    {
        var store = RedisEventLogs.OfRuns(redis.Connection, "cluster", capacity: 100);
        for (var number = 1; number < 1000; number += 100)
        {
            await store.AppendAsync(_run, Steps(number, number + 99), Token);
        }

        var kept = await store.ReadAfterAsync(_run, 0, 10_000, Token);
        Assert.InRange(kept.Count, 100, 300);
        Assert.Equal(1000, kept[^1].Sequence);
    }

    [Fact]
    public async Task Trim_ToTheNewest_NumbersGoOn()
    {
        await Store.AppendAsync(_run, Steps(1, 5), Token);

        await Store.TrimAsync(_run, static _ => false, Token);

        Assert.Equal([5L], Numbers(await Store.ReadAfterAsync(_run, 0, 10, Token)));
        Assert.True((await Store.AppendAsync(_run, Steps(4, 4, loss: 9), Token)).IsSuperseded);
    }

    [Fact]
    public async Task Trim_LongLogInAFullRedis_MakesRoomAndKeepsWhatIsKept()
    {
        const int steps = 2_000; // two pages, both full
        for (var number = 1; number < steps; number += 500)
        {
            await Store.AppendAsync(_run, Steps(number, number + 499), Token);
        }

        var (server, database) = (redis.Connection.GetServers()[0], redis.Connection.GetDatabase());
        var key = $"cluster/run-log/{_run}";
        var before = (long)await database.ExecuteAsync("MEMORY", "USAGE", key);
        await server.ConfigSetAsync("maxmemory", "1");
        try
        {
            await Store.TrimAsync(_run, static logged => logged.Sequence % 500 == 3, Token);
        }
        finally
        {
            await server.ConfigSetAsync("maxmemory", "0");
        }

        Assert.Equal([3L, 503, 1_003, 1_503, steps], Numbers(await Store.ReadAfterAsync(_run, 0, steps, Token)));
        Assert.InRange((long)await database.ExecuteAsync("MEMORY", "USAGE", key), 1, before / 50);
        Assert.False(await database.KeyExistsAsync($"{key}/trimmed"));
        Assert.False((await Store.AppendAsync(_run, Steps(steps + 1, steps + 1), Token)).IsSuperseded);
    }

    [Theory]
    [InlineData("""{"event":"from the future","sequence":2}""")]
    [InlineData("""{"sequence":2}""")]
    [InlineData("not json")]
    public async Task Read_EntryOfAnotherRelease_KeepsItsPlace(string payload)
    {
        await Store.AppendAsync(_run, Steps(1, 1), Token);
        await redis.Connection.GetDatabase().StreamAddAsync($"cluster/run-log/{_run}", "event", payload, messageId: "2-0");
        await Store.AppendAsync(_run, Steps(3, 3), Token);

        var events = await Store.ReadAfterAsync(_run, 0, 10, Token);

        Assert.Equal([1L, 2, 3], Numbers(events));
        Assert.Contains("event 2", Assert.IsType<RunWarning>(events[1]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_AnotherCluster_SeesNothing()
    {
        await Store.AppendAsync(_run, Steps(1, 1), Token);

        Assert.Empty(await RedisEventLogs.OfRuns(redis.Connection, "other").ReadAfterAsync(_run, 0, 10, Token));
    }

    [Fact]
    public async Task Log_TakenOverByAnotherCoordinator_GoesOnWithoutAGapAndTheOldOneGivesWay()
    {
        using var old = await OpenAsync();
        old.Append(new RunStarted { Generation = 1 });
        old.Append(new StepCompleted { Step = 1 });
        await old.FlushAsync(Token);
        using var young = await OpenAsync();
        Assert.Equal((2, 1, 1), (young.Tail.LastSequence, young.Tail.LastStep, young.Tail.LastGeneration));
        var watched = WatchAsync(young);

        young.Append(new StepCompleted { Step = 2 });
        await young.FlushAsync(Token);
        old.Append(new StepCompleted { Step = 2, Loss = 1 });
        Assert.IsType<EventLogSupersededException>(await old.Failed.WaitAsync(Token));
        young.Append(new RunCompleted());

        Assert.Equal([1L, 2, 3, 4], Numbers(await watched));
    }

    [Fact]
    public async Task Log_ConnectionsCutAgainAndAgain_EveryEventIsThereOnce()
    {
        using var log = await OpenAsync();
        var watched = WatchAsync(log);
        var server = redis.Connection.GetServers()[0];
        for (var step = 1; step <= 2_000; step++)
        {
            log.Append(new StepCompleted { Step = step });
            if (step % 400 == 0)
            {
                await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            }
        }

        log.Append(new RunCompleted());
        await log.FlushAsync(Token);

        Assert.Equal(Enumerable.Range(1, 2_001).Select(number => (long)number), Numbers(await watched));
        Assert.Equal(2_001, await redis.Connection.GetDatabase().StreamLengthAsync($"cluster/run-log/{_run}"));
    }

    private static StepCompleted[] Steps(int first, int last, double loss = 0) =>
        [.. Enumerable.Range(first, last - first + 1).Select(number => new StepCompleted { Sequence = number, Step = number, Loss = loss })];

    private static IEnumerable<long> Numbers(IEnumerable<RunEvent> events) => events.Select(runEvent => runEvent.Sequence);

    private static async Task<List<RunEvent>> WatchAsync(RunEventLog log)
    {
        var events = new List<RunEvent>();
        await foreach (var runEvent in log.WatchAsync(0, Token))
        {
            events.Add(runEvent);
        }

        return events;
    }

    private Task<RunEventLog> OpenAsync() => RunEventLog.OpenAsync(_run, Store, TimeProvider.System, NullLogger.Instance, cancellationToken: Token);
}
