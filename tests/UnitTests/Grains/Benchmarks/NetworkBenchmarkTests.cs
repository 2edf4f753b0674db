using Lcnn.Distributed.Grains.Benchmarks.Networks;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Grains.Benchmarks;

/// <summary>The simulation against the formulas of tests/Benchmarks/README.md.</summary>
public sealed class NetworkBenchmarkTests
{
    private const double Gigabit = 1e9 / 8;

    private static readonly NetworkBenchmarkOptions _options = new()
    {
        Architecture = "resnet18-lcnn",
        Image = [3, 32, 32],
        Classes = 10,
        BucketBytes = 1_000_000,
        WorkersPerProcess = 1,
        BytesPerSecond = Gigabit,
        RoundTrip = TimeSpan.Zero,
        Forward = TimeSpan.FromMilliseconds(10),
        Backward = TimeSpan.FromMilliseconds(20),
        Owner = TimeSpan.FromMilliseconds(4),
    };

    [Fact]
    public void Simulate_OneWorker_WaitsForNobody()
    {
        var timing = NetworkBenchmark.Simulate(_options, 1);

        Assert.All(new[] { timing.Step, timing.Ring, timing.Alone }, time => Assert.Equal(34, time.TotalMilliseconds, 0.001)); // a tick
        Assert.Equal((0, 0), (timing.Messages, timing.BusiestLinkBytes));
    }

    /// <summary>A rank sends its layers to N-1 others and them the sums of theirs; the busiest is the owner of most.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(64)]
    public void Simulate_OneWorkerASilo_SendsWhatTheFormulaSays(int workers)
    {
        var (owned, all) = OwnedBytes(workers);
        var expected = ((workers - 1) * owned.Max()) + all - owned.Max();

        var timing = NetworkBenchmark.Simulate(_options, workers);

        Assert.InRange(timing.BusiestLinkBytes, expected, expected + (200 * timing.Messages)); // headers
        Assert.True(timing.Step.TotalSeconds >= expected / Gigabit * 0.9, "a link cannot send faster than it does");
    }

    /// <summary>Ranks of a silo send what leaves it once: as many bytes as if the silo were one rank that owns all their layers.</summary>
    [Fact]
    public void Simulate_FourWorkersASilo_SendWhatOneWouldForThemAll()
    {
        var (owned, all) = OwnedBytes(16);
        var expected = owned.Chunk(4).Select(silo => silo.Sum()).Max(silo => (3 * silo) + all - silo);

        var timing = NetworkBenchmark.Simulate(_options with { WorkersPerProcess = 4 }, 16);

        Assert.InRange(timing.BusiestLinkBytes, expected, expected + (200 * timing.Messages));
    }

    [Fact]
    public void Simulate_WorkersOfOneSilo_UseNoLink()
    {
        var timing = NetworkBenchmark.Simulate(_options with { WorkersPerProcess = 4 }, 4);

        Assert.Equal(0, timing.Messages);
        Assert.True(timing.Step < timing.Alone + TimeSpan.FromMilliseconds(4));
    }

    /// <summary>Each rank sends 2 (N-1)/N of all bytes.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    public void Simulate_SlowLinks_RingTakesWhatItsBytesDo(int workers)
    {
        var (_, all) = OwnedBytes(workers);

        var timing = NetworkBenchmark.Simulate(_options with { BytesPerSecond = Gigabit / 100 }, workers);

        Assert.Equal(2.0 * (workers - 1) / workers * all / Gigabit * 100, timing.Ring.TotalSeconds, 0.1);
    }

    [Fact]
    public void Simulate_FasterLinks_TakeLessAndEndAtTheComputation()
    {
        var times = new[] { 0.1, 1, 10, 1000 }.Select(factor => NetworkBenchmark.Simulate(_options with { BytesPerSecond = factor * Gigabit }, 8)).ToList();

        Assert.Equal(times.OrderByDescending(timing => timing.Step), times);
        Assert.InRange(times[^1].Step.TotalMilliseconds, times[^1].Alone.TotalMilliseconds, times[^1].Alone.TotalMilliseconds + 4);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public void Simulate_WorkersThatDoNotFillSilos_AreRefused(int workers) =>
        Assert.Throws<ArgumentException>(() => NetworkBenchmark.Simulate(_options with { WorkersPerProcess = 2 }, workers));

    private static (long[] Owned, long All) OwnedBytes(int workers)
    {
        var network = Architectures.Build(_options.Architecture, new ImageShape(3, 32, 32), 10);
        var owned = new long[workers];
        foreach (var (owner, layer) in OwnerPlan.Assign(network, workers).Zip(network.Layers))
        {
            owned[owner] += layer.EffectiveCount * sizeof(float);
        }

        return (owned, network.ParameterCount * sizeof(float));
    }
}
