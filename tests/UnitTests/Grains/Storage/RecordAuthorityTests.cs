using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Grains.Sweeps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains.Storage;

public sealed class RecordAuthorityTests
{
    private readonly FakeStorage<SweepRecord> _storage = new();
    private readonly RecordAuthority<SweepRecord> _authority;

    public RecordAuthorityTests() => _authority = new RecordAuthority<SweepRecord>("s", _storage, TimeProvider.System, NullLogger.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_StorageAwayAfterALostAnswer_IsWaitedOut()
    {
        (_storage.AnswersToLose, _storage.ReadFailuresLeft) = (1, 2);

        await _authority.WriteAsync(record => record with { SpecJson = "{}" }, Token);
        await _authority.WriteAsync(record => record with { ExtraDraws = 4 }, Token);

        Assert.Equal(("{}", 4, 2L), (_storage.Stored.SpecJson, _storage.Stored.ExtraDraws, _storage.Stored.Number));
        Assert.Equal(_storage.Stored, _authority.Record);
    }

    [Fact]
    public async Task Write_RecordOfAnother_IsNotOverwritten()
    {
        var other = new SweepRecord { Number = 1, WriteId = Guid.NewGuid() };
        _storage.WriteElsewhere(other);
        _storage.ReadFailuresLeft = 1;

        await Assert.ThrowsAsync<RecordSupersededException>(() => _authority.WriteAsync(record => record with { SpecJson = "{}" }, Token));

        Assert.Equal(other, _storage.Stored);
    }

    [Fact]
    public async Task Write_AfterOneThatWasRefused_IsRefusedToo()
    {
        var other = new SweepRecord { Number = 7, WriteId = Guid.NewGuid() };
        _storage.WriteElsewhere(other);

        var first = _authority.WriteAsync(record => record with { SpecJson = "{}" }, Token);
        var queued = _authority.WriteAsync(record => record with { ExtraDraws = 1 }, Token);
        await Assert.ThrowsAsync<RecordSupersededException>(() => first);
        await Assert.ThrowsAsync<RecordSupersededException>(() => queued);
        await Assert.ThrowsAsync<RecordSupersededException>(() => _authority.WriteAsync(record => record with { ExtraDraws = 2 }, Token));

        Assert.Equal(other, _storage.Stored);
        Assert.True(_authority.Superseded.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Write_StorageRefuses_IsGivenUpByNameAfterAWhileAndTheNextOneTried()
    {
        var clock = new SteppedClock();
        var authority = new RecordAuthority<SweepRecord>("s", _storage, clock, NullLogger.Instance);
        (_storage.WriteFailuresLeft, _storage.Trouble) = (int.MaxValue, new StoreRefusedException("Redis refuses: NOPERM"));
        var writing = authority.WriteAsync(record => record with { SpecJson = "{}" }, Token);
        for (var waited = TimeSpan.Zero; waited < Refusals.Patience;)
        {
            var pause = await clock.NextDelayAsync(Token);
            Assert.Equal("the record of s cannot be stored: Redis refuses: NOPERM", authority.Refusal!.Message);
            waited += pause;
            clock.Advance(pause);
        }

        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => writing.WaitAsync(Token));

        Assert.Equal("the record of s cannot be stored: Redis refuses: NOPERM", refused.Message);
        Assert.Null(authority.Refusal);
        _storage.WriteFailuresLeft = 0;
        await authority.WriteAsync(record => record with { ExtraDraws = 1 }, Token);
        Assert.Equal(("", 1), (_storage.Stored.SpecJson, _storage.Stored.ExtraDraws));
    }

    [Fact]
    public async Task Write_CancelledWhileTheStorageIsAway_IsGivenUp()
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _storage.WriteFailuresLeft = int.MaxValue;

        var write = _authority.WriteAsync(record => record with { SpecJson = "{}" }, cancelled.Token);
        Assert.False(write.IsCompleted);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task Write_AfterOneThatWasGivenUpButIsStored_IsNotTakenForIt()
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        (_storage.AnswersToLose, _storage.ReadFailuresLeft) = (1, int.MaxValue);
        var givenUp = _authority.WriteAsync(record => record with { SpecJson = "{}" }, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp.WaitAsync(TimeSpan.FromSeconds(30), Token));
        _storage.ReadFailuresLeft = 0;

        await Assert.ThrowsAsync<RecordSupersededException>(() => _authority.WriteAsync(record => record with { ExtraDraws = 4 }, Token));

        Assert.Equal(("{}", 0, 1L), (_storage.Stored.SpecJson, _storage.Stored.ExtraDraws, _storage.Stored.Number));
    }

    [Fact]
    public async Task Write_ChangeThatNoLongerApplies_StoresNothingAndHoldsUpNobody()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _authority.WriteAsync(_ => throw new ArgumentException("too late"), Token));

        await _authority.WriteAsync(record => record with { ExtraDraws = 4 }, Token);

        Assert.Equal((4, 1L), (_storage.Stored.ExtraDraws, _storage.Stored.Number));
    }
}
