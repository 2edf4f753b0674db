using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Grains.Workers;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class DataSetCacheTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly DataSetCache _cache;

    public DataSetCacheTests() => _cache = new DataSetCache(new DataSetLoader(), _clock);

    [Fact]
    public async Task Load_WhileAnotherUsesIt_IsTheSame()
    {
        using var first = await LoadAsync();
        using var lease = await LoadAsync();
        lease.Dispose();
        lease.Dispose();
        _clock.Advance(2 * DataSetCache.IdleTime);

        using var second = await LoadAsync();

        Assert.Same(first.Data, second.Data);
    }

    [Fact]
    public async Task Load_SoonAfterTheLastUse_IsTheSameForAsLongAgain()
    {
        var first = await LoadAsync();
        first.Dispose();
        _clock.Advance(0.75 * DataSetCache.IdleTime);
        var second = await LoadAsync();
        second.Dispose();
        _clock.Advance(0.75 * DataSetCache.IdleTime);

        using var third = await LoadAsync();

        Assert.Same(first.Data, third.Data);
    }

    [Fact]
    public async Task Load_LongAfterTheLastUse_LoadsAnew()
    {
        var first = await LoadAsync();
        first.Dispose();
        _clock.Advance(DataSetCache.IdleTime);

        using var second = await LoadAsync();

        Assert.NotSame(first.Data, second.Data);
    }

    [Fact]
    public async Task Load_Failed_IsTriedAgain()
    {
        var folder = Directory.CreateTempSubdirectory("lcnn-cache-").FullName;

        var first = await Assert.ThrowsAsync<DataFileException>(() => LoadAsync("mnist", folder));
        var second = await Assert.ThrowsAsync<DataFileException>(() => LoadAsync("mnist", folder));

        Assert.NotSame(first, second);
        Directory.Delete(folder);
    }

    [Fact]
    public async Task Load_Cancelled_LeavesItToOthers()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _cache.LoadAsync(new DataSetRequest("digits"), new Progress<DownloadProgress>(), new CancellationToken(canceled: true)));

        using var lease = await LoadAsync();

        Assert.Equal("digits", lease.Data.Name);
    }

    private Task<DataSetLease> LoadAsync(string name = "digits", string? folder = null) =>
        _cache.LoadAsync(new DataSetRequest(name, folder), new Progress<DownloadProgress>(), TestContext.Current.CancellationToken);
}
