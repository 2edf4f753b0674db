using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class RunSnapshotsTests : IDisposable
{
    private const string Model = "model.safetensors";

    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-fetch-").FullName;
    private readonly FakeCoordinator _coordinator = new();
    private readonly FakeRunFolder _silo = new();
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    public RunSnapshotsTests() => _coordinator.Listing = new SnapshotListing("run-1/@silo", [_silo.Describe()]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Copy => Path.Combine(_folder, FakeRunFolder.Name);

    private RunSnapshots Snapshots => new("run-1", _coordinator, FakeGrains.With(_silo), _clock, NullLogger.Instance);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Download_WholeSnapshot_IsCopiedInBlocksOfOneMebibyte()
    {
        var progress = new List<long>();

        var (snapshot, path) = await Snapshots.DownloadAsync(null, _folder, new Progress(progress.Add), Cancellation);

        Assert.Equal((23, Copy), (snapshot.Step, path));
        Assert.Equal(_silo.Files[Model], await File.ReadAllBytesAsync(Path.Combine(path, Model), Cancellation));
        Assert.All(_silo.Reads, read => Assert.InRange(read.Count, 1, ISnapshotFilesGrain.MaxBlockBytes));
        Assert.Equal(snapshot.TotalBytes, progress[^1]);
        Assert.Equal([Copy], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Download_ConnectionBreaks_GoesOnAtItsByteWithSmallerBlocks()
    {
        _silo.Errors.Enqueue(null);
        _silo.Errors.Enqueue(new SiloUnavailableException("killed"));
        _silo.Errors.Enqueue(new TimeoutException("silent"));

        await AdvancingAsync(Snapshots.DownloadAsync(null, _folder, null, Cancellation));

        Assert.Equal([0, 1 << 20, 1 << 20, 1 << 20], _silo.Reads.Take(4).Select(read => read.Offset));
        Assert.Equal([1 << 20, 1 << 20, 1 << 19, 1 << 18], _silo.Reads.Take(4).Select(read => read.Count));
        Assert.Equal(_silo.Files[Model], await File.ReadAllBytesAsync(Path.Combine(Copy, Model), Cancellation));
    }

    [Fact]
    public async Task Download_CutShort_NeverLooksCompleteAndIsGoneOnWith()
    {
        _silo.Errors.Enqueue(null);
        _silo.Errors.Enqueue(new InvalidOperationException("broken"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Snapshots.DownloadAsync(null, _folder, null, Cancellation));
        Assert.Equal([$".partial-{FakeRunFolder.Name}"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
        _silo.Reads.Clear();

        await Snapshots.DownloadAsync(null, _folder, null, Cancellation);

        Assert.Equal(1 << 20, _silo.Reads[0].Offset);
        Assert.Equal(_silo.Files[Model], await File.ReadAllBytesAsync(Path.Combine(Copy, Model), Cancellation));
    }

    [Theory]
    [InlineData(2_500_000)]
    [InlineData(2_499_999)]
    public async Task Download_FileThatChanged_IsNamedAndNothingOfItIsKept(int length)
    {
        _silo.Files[Model] = [.. _silo.Files[Model].Select((value, index) => index == 5 ? (byte)~value : value).Take(length)];

        var exception = await Assert.ThrowsAsync<SnapshotDamagedException>(() => Snapshots.DownloadAsync(null, _folder, null, Cancellation));

        Assert.Contains($"{FakeRunFolder.Name}/{Model}", exception.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Copy));
        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Download_CopyIsThere_IsCheckedAndLeftAsItIs()
    {
        await Snapshots.DownloadAsync(null, _folder, null, Cancellation);
        _silo.Reads.Clear();

        await Snapshots.DownloadAsync(FakeRunFolder.Name, _folder, null, Cancellation);
        await File.AppendAllTextAsync(Path.Combine(Copy, Model), "x", Cancellation);
        var exception = await Assert.ThrowsAsync<IOException>(() => Snapshots.DownloadAsync(null, _folder, null, Cancellation));

        Assert.Empty(_silo.Reads);
        Assert.Contains("remove it or choose another folder", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_NewestIsDamaged_TakesTheOneBeforeItUnlessAskedForByName()
    {
        _coordinator.Listing = _coordinator.Listing with
        {
            Snapshots = [new SnapshotInfo { Name = "step-46.g1.aaaaaaaa", Damage = "torn" }, _silo.Describe()],
        };

        Assert.Equal(Copy, (await Snapshots.DownloadAsync(null, _folder, null, Cancellation)).Path);
        Assert.Equal("torn", (await Assert.ThrowsAsync<SnapshotDamagedException>(() => Snapshots.DownloadAsync("step-46.g1.aaaaaaaa", _folder, null, Cancellation))).Message);
    }

    [Fact]
    public async Task Download_OfOneFile_HasItsNameOnlyWhenWhole()
    {
        var path = Path.Combine(_folder, "weights");
        _silo.Errors.Enqueue(new InvalidOperationException("broken"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => Snapshots.DownloadFileAsync(FakeRunFolder.Name, Model, path, null, Cancellation));
        Assert.False(File.Exists(path));
        await Snapshots.DownloadFileAsync(FakeRunFolder.Name, Model, path, null, Cancellation);

        Assert.Equal(_silo.Files[Model], await File.ReadAllBytesAsync(path, Cancellation));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("step-1.g1.00000000", Model)]
    [InlineData(FakeRunFolder.Name, "passwd")]
    public async Task Download_UnknownName_IsNamed(string snapshot, string file)
    {
        var exception = await Assert.ThrowsAsync<SnapshotNotFoundException>(
            () => Snapshots.DownloadFileAsync(snapshot, file, Path.Combine(_folder, "x"), null, Cancellation));

        Assert.Equal("run-1", exception.RunId);
        Assert.StartsWith(snapshot, exception.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../model")]
    [InlineData("/etc/model")]
    [InlineData("..")]
    public async Task Download_SiloGivesAPathForAName_IsRefused(string name)
    {
        var snapshot = _silo.Describe();
        _coordinator.Listing = _coordinator.Listing with { Snapshots = [snapshot with { Files = [snapshot.Files[0] with { Name = name }] }] };

        await Assert.ThrowsAsync<SnapshotDamagedException>(() => Snapshots.DownloadAsync(null, Path.Combine(_folder, "inner"), null, Cancellation));

        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task ReadFile_FromItsBeginning_ChecksTheHashAndFromElsewhereCannot()
    {
        Assert.Equal(_silo.Files[Model], await ReadAsync(0));
        _silo.Files[Model] = [.. _silo.Files[Model].Reverse()];

        await Assert.ThrowsAsync<SnapshotDamagedException>(() => ReadAsync(0));
        Assert.Equal(_silo.Files[Model][2_000_000..], await ReadAsync(2_000_000));
    }

    private async Task<byte[]> ReadAsync(long offset)
    {
        var bytes = new List<byte>();
        await foreach (var block in Snapshots.ReadFileAsync(FakeRunFolder.Name, Model, offset, Cancellation))
        {
            bytes.AddRange(block);
        }

        return [.. bytes];
    }

    // Time goes on for as long as somebody waits for it.
    private async Task AdvancingAsync(Task work)
    {
        while (!work.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), Cancellation); // others need a turn
        }

        await work;
    }

    private sealed class Progress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
