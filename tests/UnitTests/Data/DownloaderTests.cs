using System.Security.Cryptography;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.UnitTests.Data;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] _content = SmallFiles.Noise(3 << 20, seed: 4);
    private readonly TemporaryFolder _folder = new();
    private readonly Downloader _downloader = new() { StallTimeout = TimeSpan.FromSeconds(20) };

    private string Whole => _folder["file.bin"];

    private string Part => _folder["file.bin.part"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Download_GoodServer_StoresTheFileAndReportsProgress()
    {
        using var server = new LoopbackServer((_, from) => LoopbackServer.Serve(_content, from));
        var progress = new ProgressList();

        await DownloadAsync(server, progress);
        await DownloadAsync(server, progress); // finds the file

        Assert.Equal(_content, await ReadWholeAsync());
        Assert.False(File.Exists(Part));
        Assert.Equal([null], server.Requests);
        Assert.Equal(new DownloadProgress("file.bin", _content.Length, _content.Length), progress.Reports[^1]);
        Assert.InRange(progress.Reports.Count, 2, 4);
    }

    [Fact]
    public async Task Download_PartFromBefore_AsksForTheRestOnly()
    {
        using var server = new LoopbackServer((_, from) => LoopbackServer.Serve(_content, from));
        _folder.Write("file.bin.part", _content[..1000]);

        await DownloadAsync(server);

        Assert.Equal(_content, await ReadWholeAsync());
        Assert.Equal([1000], server.Requests);
    }

    [Fact]
    public async Task Download_WholePartFromBefore_IsCheckedWithoutARequest()
    {
        using var server = new LoopbackServer((_, from) => LoopbackServer.Serve(_content, from));
        _folder.Write("file.bin.part", _content);

        await DownloadAsync(server);

        Assert.Equal(_content, await ReadWholeAsync());
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Download_ServerIgnoresRange_StartsAnew()
    {
        using var server = new LoopbackServer((_, _) => LoopbackServer.Serve(_content, from: null));
        _folder.Write("file.bin.part", [1, 2, 3]);

        await DownloadAsync(server);

        Assert.Equal(_content, await ReadWholeAsync());
        Assert.Equal([3], server.Requests);
    }

    [Theory]
    [InlineData("416 Range Not Satisfiable", "")]
    [InlineData("206 Partial Content", "Content-Range: bytes 7-9/10\r\n")]
    [InlineData("206 Partial Content", "")]
    public async Task Download_ServerCannotResume_StartsAnew(string status, string headers)
    {
        using var server = new LoopbackServer((_, from) =>
            from is null ? LoopbackServer.Serve(_content, from) : new LoopbackAnswer(status, [1, 2, 3], headers));
        _folder.Write("file.bin.part", [1, 2, 3]);

        await DownloadAsync(server);

        Assert.Equal(_content, await ReadWholeAsync());
        Assert.Equal([3, null], server.Requests);
    }

    [Fact]
    public async Task Download_ConnectionsCutMidway_ResumesUntilWhole()
    {
        using var server = new LoopbackServer((_, from) =>
        {
            var answer = LoopbackServer.Serve(_content, from);
            return answer with { Body = answer.Body[..Math.Min(answer.Body.Length, 1 << 20)], ClaimedLength = answer.Body.Length };
        });

        await DownloadAsync(server);

        Assert.Equal(_content, await ReadWholeAsync());
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Download_ServerCutsAndBreaksDown_KeepsThePartForTheNextTime()
    {
        using (var server = new LoopbackServer((_, from) => from is null
            ? new LoopbackAnswer("200 OK", _content[..(1 << 20)], ClaimedLength: _content.Length)
            : new LoopbackAnswer("200 OK", [], ClaimedLength: _content.Length)))
        {
            var exception = await Assert.ThrowsAsync<DataFileException>(() => DownloadAsync(server));
            Assert.Contains("Check the connection", exception.Advice, StringComparison.Ordinal);
        }

        _folder.Write("file.bin.part", _content[..500]);
        using (var server = new LoopbackServer((_, _) => new LoopbackAnswer("503 Service Unavailable", [])))
        {
            await Assert.ThrowsAsync<DataFileException>(() => DownloadAsync(server));
        }

        Assert.Equal(_content[..500], await File.ReadAllBytesAsync(Part, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Download_NotFound_NamesTheAddressAndTheFolder()
    {
        using var server = new LoopbackServer((_, _) => new LoopbackAnswer("404 Not Found", []));

        var exception = await Assert.ThrowsAsync<DataFileException>(() => DownloadAsync(server));

        Assert.Equal((Whole, "HTTP status 404 Not Found"), (exception.Path, exception.Got));
        Assert.Contains($"put into {_folder.Path} by hand: {server.Address}file.bin", exception.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_OtherContent_IsDeletedAndBothHashesAreNamed()
    {
        var other = SmallFiles.Noise(_content.Length, seed: 5);
        using var server = new LoopbackServer((_, from) => LoopbackServer.Serve(other, from));

        var exception = await Assert.ThrowsAsync<DataFileException>(() => DownloadAsync(server));

        Assert.Contains(Sha256(_content), exception.Expected, StringComparison.Ordinal);
        Assert.Contains(Sha256(other), exception.Got, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Download_LongerContent_IsStoppedAndDeleted()
    {
        using var server = new LoopbackServer((_, from) => LoopbackServer.Serve([.. _content, .. _content], from));

        var exception = await Assert.ThrowsAsync<DataFileException>(() => DownloadAsync(server));

        Assert.Contains($"{_content.Length} bytes", exception.Expected, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Download_Offline_ListsEveryFileAndWhereToPutIt()
    {
        Uri gone;
        using (var server = new LoopbackServer((_, from) => LoopbackServer.Serve(_content, from)))
        {
            gone = server.Address;
        }

        DataFile[] files = [FileAt(gone, "a.gz"), FileAt(gone, "b.gz")];

        var exception = await Assert.ThrowsAsync<DataFileException>(
            () => _downloader.DownloadAsync(files, _folder.Path, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains($"put into {_folder.Path} by hand: {gone}a.gz, {gone}b.gz", exception.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_NothingArrives_GivesUpInTime()
    {
        using var server = new LoopbackServer((_, _) =>
            new LoopbackAnswer("200 OK", [], ClaimedLength: _content.Length, Hang: true));
        var impatient = new Downloader { StallTimeout = TimeSpan.FromMilliseconds(50) };

        var exception = await Assert.ThrowsAsync<DataFileException>(() => impatient.DownloadAsync(
            [FileAt(server.Address)], _folder.Path, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("in time", exception.Got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_Cancelled_KeepsWhatArrived()
    {
        using var server = new LoopbackServer((_, _) =>
            new LoopbackAnswer("200 OK", _content[..(2 << 20)], ClaimedLength: _content.Length, Hang: true));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _downloader.DownloadAsync(
            [FileAt(server.Address)], _folder.Path, new ProgressList(_ => cancel.Cancel()), cancel.Token));

        Assert.InRange(new FileInfo(Part).Length, 1 << 20, 2 << 20);
        Assert.False(File.Exists(Whole));
    }

    [Fact]
    public async Task Download_FolderThatCannotBe_IsADiskError()
    {
        using var server = new LoopbackServer((_, from) => LoopbackServer.Serve(_content, from));
        var file = _folder.Write("taken", [1]);

        var exception = await Assert.ThrowsAsync<DataFileException>(() => _downloader.DownloadAsync(
            [FileAt(server.Address)], file, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("LCNN_CACHE", exception.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_TwiceAtOnce_IsMadeOnce()
    {
        using var server = new LoopbackServer((_, from) => LoopbackServer.Serve(_content, from));

        await Task.WhenAll(DownloadAsync(server), DownloadAsync(server), DownloadAsync(server));

        Assert.Equal(_content, await ReadWholeAsync());
        Assert.Equal([null], server.Requests);
    }

    [Fact]
    public async Task Loader_NothingOnDisk_DownloadsOnceAndLoads()
    {
        var published = SmallFiles.IdxSet(zipped: true);
        using var server = new LoopbackServer((path, from) => LoopbackServer.Serve(published[path], from));
        var description = DataSetCatalog.Find("mnist") with
        {
            Files = [.. published.Select(file =>
                new DataFile(file.Key, new Uri(server.Address, file.Key), file.Value.Length, Sha256(file.Value)))],
        };
        _folder.Write("mnist/t10k-labels-idx1-ubyte.gz", published["t10k-labels-idx1-ubyte.gz"]);
        var loader = new DataSetLoader(new DataSetLocator(_folder.Path), _downloader);

        var first = await loader.LoadAsync(description, null, null, TestContext.Current.CancellationToken);
        var second = await loader.LoadAsync(description, null, null, TestContext.Current.CancellationToken);

        Assert.Equal((6, 4), (first.Train.Count, first.Test.Count));
        Assert.Equal(first.Sha256, second.Sha256);
        Assert.Equal(3, server.Requests.Count);
    }

    private static DataFile FileAt(Uri server, string name = "file.bin") =>
        new(name, new Uri(server, name), _content.Length, Sha256(_content));

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private Task DownloadAsync(LoopbackServer server, IProgress<DownloadProgress>? progress = null) =>
        _downloader.DownloadAsync([FileAt(server.Address)], _folder.Path, progress, TestContext.Current.CancellationToken);

    private Task<byte[]> ReadWholeAsync() => File.ReadAllBytesAsync(Whole, TestContext.Current.CancellationToken);

    private sealed class ProgressList(Action<DownloadProgress>? onReport = null) : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> Reports { get; } = [];

        public void Report(DownloadProgress value)
        {
            Reports.Add(value);
            onReport?.Invoke(value);
        }
    }
}
