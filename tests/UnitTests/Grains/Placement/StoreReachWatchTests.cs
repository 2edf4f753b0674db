using System.Collections.Immutable;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

public sealed class StoreReachWatchTests : IAsyncLifetime
{
    private static readonly SiloAddress _self = LocalSilo.Address(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Other _second = new() { ReachesStore = false };
    private readonly Other _third = new();
    private StoreReach _reach = null!;
    private StoreReachWatch _watch = null!;
    private Task _watching = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        _reach = new StoreReach(_clock);
        _reach.Note(isReached: true);
        _watch = new StoreReachWatch(
            _reach, new LocalSilo(_self), new Membership(_self, LocalSilo.Address(2), LocalSilo.Address(3)),
            GrainsByKey.With((_, key) => key == LocalSilo.Address(2).ToParsableString() ? _second : _third), _clock, NullLogger<StoreReachWatch>.Instance);
        _watching = _watch.WatchAsync(_stop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watching);
        _watch.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Watch_StoreIsAwayHereAlone_IsCutOffInTimeAndAllAreToldUntilItIsBack()
    {
        var start = _clock.GetTimestamp();
        await UntilAsync(() => _reach.IsCutOff, isReached: false);
        Assert.InRange(_clock.GetElapsedTime(start), StoreReachWatch.Patience, StoreReachWatch.Patience + TimeSpan.FromSeconds(3));

        await UntilAsync(() => _second.CutOff.Contains(_self.ToParsableString()) && _third.CutOff.Contains(_self.ToParsableString()), isReached: false);
        await UntilAsync(() => _second.CutOff.Count + _third.CutOff.Count == 0, isReached: true);

        Assert.False(_reach.IsCutOff);
    }

    [Fact]
    public async Task Watch_StoreIsAwayEverywhere_NobodyIsCutOff()
    {
        _third.ReachesStore = false;

        await UntilAsync(() => _second.Asked > 10 && _third.Asked > 10, isReached: false);

        Assert.False(_reach.IsCutOff);
    }

    [Fact]
    public async Task Watch_OtherSilosDoNotAnswer_NobodyIsCutOff()
    {
        _third.Failure = new SiloUnavailableException("gone");

        await UntilAsync(() => _third.Asked > 3, isReached: false);

        Assert.False(_reach.IsCutOff);
    }

    // Time goes on for as long as somebody waits for it.
    private async Task UntilAsync(Func<bool> isDone, bool isReached)
    {
        while (!isDone())
        {
            _reach.Note(isReached);
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken); // others need a turn
        }
    }

    private sealed class Other : ISiloReachGrain
    {
        public bool ReachesStore { get; set; } = true;

        public Exception? Failure { get; set; }

        public int Asked { get; private set; }

        public HashSet<string> CutOff { get; } = [];

        public Task<bool> ReachesStoreAsync(CancellationToken cancellationToken)
        {
            Asked++;
            return Failure is { } failure ? Task.FromException<bool>(failure) : Task.FromResult(ReachesStore);
        }

        public Task NoteAsync(string silo, bool isCutOff, CancellationToken cancellationToken)
        {
            _ = isCutOff ? CutOff.Add(silo) : CutOff.Remove(silo);
            return Task.CompletedTask;
        }
    }

    private sealed class Membership(params SiloAddress[] silos) : IClusterMembershipService
    {
        public ClusterMembershipSnapshot CurrentSnapshot { get; } = new(
            silos.ToImmutableDictionary(static silo => silo, static silo => new ClusterMember(silo, SiloStatus.Active, "")), new MembershipVersion(1));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
    }
}
