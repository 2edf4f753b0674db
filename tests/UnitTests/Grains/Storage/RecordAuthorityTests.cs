using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Grains.Sweeps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains.Storage;

public sealed class RecordAuthorityTests
{
    private readonly FakeStorage _storage = new();
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
        var other = new SweepRecord { Number = 1, Writer = Guid.NewGuid() };
        _storage.WriteElsewhere(other);
        _storage.ReadFailuresLeft = 1;

        await Assert.ThrowsAsync<RecordSupersededException>(() => _authority.WriteAsync(record => record with { SpecJson = "{}" }, Token));

        Assert.Equal(other, _storage.Stored);
    }
}
