using System.Net;
using System.Reflection;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Placement;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

public sealed class SiloDrainTests
{
    private readonly SiloAddress _silo = SiloAddress.New(IPAddress.Loopback, 11111, 1);
    private readonly FakeTimeProvider _clock = new();
    private readonly SlotLedger _ledger;
    private readonly Dictionary<string, Func<string, Task>> _drains = [];

    public SiloDrainTests() => _ledger = new SlotLedger(_silo.ToParsableString(), new PlacementOptions { Slots = 3, Devices = "cpu" }, _clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drain_OneCoordinatorFails_TheOthersStillHandOver()
    {
        var (failing, other) = (await TakeAsync("failing"), await TakeAsync("other"));
        _drains["failing"] = _ => throw new TimeoutException("no answer");
        _drains["other"] = silo =>
        {
            Assert.Equal(_silo.ToParsableString(), silo);
            other.Dispose();
            return Task.CompletedTask;
        };

        var draining = Drain().DrainAsync(Cancellation);

        Assert.False(draining.IsCompleted);
        Assert.Equal(["failing"], _ledger.Runs());
        failing.Dispose();
        await draining.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task Drain_SlotIsReserved_WaitsUntilItIsReleased()
    {
        _ledger.Reserve([new SlotHolder("forming", 1, 0)]);
        _drains["forming"] = _ => Task.CompletedTask;

        var draining = Drain().DrainAsync(Cancellation);

        Assert.False(draining.IsCompleted);
        _ledger.Release("forming", 1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await draining.WaitAsync(Cancellation);
    }

    private async Task<SlotLease> TakeAsync(string run)
    {
        var holder = new SlotHolder(run, 1, 0);
        return await _ledger.TakeAsync(Assert.Single(_ledger.Reserve([holder])!), holder, Cancellation);
    }

    private SiloDrain Drain()
    {
        var details = DispatchProxy.Create<ILocalSiloDetails, Details>();
        ((Details)(object)details).Address = _silo;
        return new SiloDrain(_ledger, details, GrainsByKey.With((_, run) => Coordinator.Of(_drains[run])), _clock, NullLogger<SiloDrain>.Instance);
    }

    /// <summary>A silo that knows its address.</summary>
    public class Details : DispatchProxy
    {
        public SiloAddress? Address { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == "get_SiloAddress" ? Address : throw new NotSupportedException($"{targetMethod}");
    }

    /// <summary>A coordinator that can be told of a drain.</summary>
    public class Coordinator : DispatchProxy
    {
        private Func<string, Task>? _drain;

        public static IWorkerReports Of(Func<string, Task> drain)
        {
            var reports = Create<IWorkerReports, Coordinator>();
            ((Coordinator)(object)reports)._drain = drain;
            return reports;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            args is [string silo, ..] ? _drain!(silo) : throw new NotSupportedException($"{targetMethod}");
    }
}
