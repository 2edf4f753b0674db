using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Storage;

public sealed class StoreReachTests
{
    private static readonly SiloAddress _self = LocalSilo.Address(1);
    private static readonly SiloAddress _other = LocalSilo.Address(2);

    private readonly FakeTimeProvider _clock = new();
    private readonly StoreReach _reach;

    public StoreReachTests() => _reach = new StoreReach(_clock);

    [Fact]
    public void Away_StoreFallsSilentAndIsBack_IsTheTimeSinceItLastAnswered()
    {
        Assert.Equal(TimeSpan.Zero, _reach.Away);
        _reach.Note(isReached: true);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, _reach.Away);

        _reach.Note(isReached: false);
        _clock.Advance(TimeSpan.FromSeconds(2));
        _reach.Note(isReached: false);

        Assert.Equal(TimeSpan.FromSeconds(7), _reach.Away);
        _reach.Note(isReached: true);
        Assert.Equal(TimeSpan.Zero, _reach.Away);
    }

    [Fact]
    public void HasReachedWithin_StoreInMemory_Always() => Assert.True(_reach.HasReachedWithin(TimeSpan.Zero));

    [Fact]
    public void HasReachedWithin_LookHangs_NoLonger()
    {
        _reach.Note(isReached: true);
        Assert.True(_reach.HasReachedWithin(TimeSpan.FromSeconds(3)));

        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.False(_reach.HasReachedWithin(TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void NoteCutOff_StoreIsBackInTheMeantime_IsNot()
    {
        _reach.Note(isReached: false);
        _reach.Note(isReached: true);

        Assert.False(_reach.NoteCutOff());
        Assert.False(_reach.IsCutOff);
    }

    [Fact]
    public void NoteCutOff_StoreIsAway_IsNewsOnceUntilItIsBack()
    {
        _reach.Note(isReached: false);
        var cutOff = _reach.CutOff;

        Assert.True(_reach.NoteCutOff());
        Assert.False(_reach.NoteCutOff());
        Assert.True(cutOff.IsCompleted && _reach.IsCutOff);

        _reach.Note(isReached: true);
        Assert.False(_reach.IsCutOff);
    }

    [Fact]
    public void Placement_SomeSilosAreCutOff_TakesTheOthersAndWithoutAnyAll()
    {
        var director = new StorePlacementDirector(_reach, new LocalSilo(_self));
        Assert.Equal([_self, _other], Filter(director));

        _reach.Note(_other, isCutOff: true);
        Assert.Equal([_self], Filter(director));

        _reach.Note(isReached: false);
        _reach.NoteCutOff();
        Assert.Equal([_self, _other], Filter(director));

        _reach.Note(_other, isCutOff: false);
        Assert.Equal([_other], Filter(director));
    }

    private static IEnumerable<SiloAddress> Filter(StorePlacementDirector director) => director.Filter(new StorePlacementFilter(), default, [_self, _other]);
}
