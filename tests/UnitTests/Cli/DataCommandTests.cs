using System.Text.Json;
using Lcnn.Distributed.Cli.Hosting;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.UnitTests.Data;
using SkiaSharp;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary><c>lcnn data</c> on a small folder of images.</summary>
public sealed class DataCommandTests : IDisposable
{
    private readonly TemporaryFolder _images = OwnFiles.Folder();
    private readonly CliHarness _cli = new();

    public DataCommandTests() => _cli.Services = _cli.Services with { DataTools = new DataTools() };

    public void Dispose()
    {
        _cli.Dispose();
        _images.Dispose();
    }

    [Fact]
    public async Task Info_OfAPackedSet_IsThatOfItsSource()
    {
        Assert.Equal(0, await _cli.RunAsync("data", "pack", _images.Path, "--out", _images["set.lcds"], "--normalize", "0.5/0.25", "--json"));
        Assert.Equal(0, await _cli.RunAsync("data", "info", _images.Path, "--json"));
        Assert.Equal(0, await _cli.RunAsync("data", "info", _images["set.lcds"], "--verify", "--json"));

        var lines = _cli.OutputLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var (packed, source, info) = (lines[0], lines[1], lines[2]);
        Assert.Equal(("packed", OwnFiles.TrainCount, OwnFiles.TestCount), (packed.GetProperty("event").GetString(), packed.GetProperty("trainSamples").GetInt32(), packed.GetProperty("testSamples").GetInt32()));
        Assert.Equal(source.GetProperty("dataSha256").GetString(), packed.GetProperty("dataSha256").GetString());
        Assert.All(["dataSha256", "mean", "std", "classes", "shape"], name => Assert.Equal(source.GetProperty(name).ToString(), info.GetProperty(name).ToString()));
        Assert.Equal(OwnFiles.Classes, info.GetProperty("classes").EnumerateArray().Select(one => one.GetProperty("name").GetString()!));
        Assert.Equal(3, info.GetProperty("mean").GetArrayLength());
        Assert.Equal(("0.5/0.25", 1), (info.GetProperty("normalize").GetString(), info.GetProperty("verifiedBlocks").GetInt32()));
        Assert.Equal(new FileInfo(_images["set.lcds"]).Length, info.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task Info_ForPeople_HasMeansAndCounts()
    {
        Assert.Equal(0, await _cli.RunAsync("data", "info", _images.Path));

        Assert.Contains("3x6x7 (channels, height, width)", _cli.Console.Output, StringComparison.Ordinal);
        Assert.Contains("8 training, 3 test", _cli.Console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OfADamagedSet_NamesTheBlock()
    {
        Assert.Equal(0, await _cli.RunAsync("data", "pack", _images.Path, "--out", _images["set.lcds"]));
        var bytes = File.ReadAllBytes(_images["set.lcds"]);
        bytes[5000] ^= 4;
        File.WriteAllBytes(_images["set.lcds"], bytes);

        Assert.Equal(2, await _cli.RunAsync("data", "info", _images["set.lcds"], "--verify"));
        Assert.Equal(2, await _cli.RunAsync("data", "info", _images.Path, "--verify"));

        Assert.Contains("of block 0 (bytes 4096 to ", _cli.Error, StringComparison.Ordinal);
        Assert.Contains("is no packed set (.lcds)", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task View_Twice_DrawsTheSameSheet()
    {
        Assert.Equal(0, await _cli.RunAsync("data", "view", _images.Path, "--out", _images["sheet.png"], "--per-class", "4"));
        Assert.Equal(0, await _cli.RunAsync("data", "pack", _images.Path, "--out", _images["set.lcds"], "--normalize", "0.5/0.25"));
        Assert.Equal(0, await _cli.RunAsync("data", "view", _images["set.lcds"], "--out", _images["again.png"], "--per-class", "4"));

        Assert.Equal(File.ReadAllBytes(_images["sheet.png"]), File.ReadAllBytes(_images["again.png"]));
        using var sheet = SKBitmap.Decode(_images["sheet.png"]);
        var first = OwnFiles.Pixels(0);
        Assert.Equal((4 + 36 + 4 + (4 * (49 + 4)), 4 + (3 * (42 + 4))), (sheet.Width, sheet.Height));
        Assert.Equal(new SKColor(first[0], first[1], first[2]), sheet.GetPixel(4 + 36 + 4, 4));
    }

    [Fact]
    public async Task Pack_OfBadImages_IsRefusedOrLeavesThemOut()
    {
        _images.Write("train/cat/text.jpg", "this is a text"u8.ToArray());

        Assert.Equal(2, await _cli.RunAsync("data", "pack", _images.Path, "--out", _images["set.lcds"]));
        Assert.False(File.Exists(_images["set.lcds"]));
        Assert.Equal(0, await _cli.RunAsync("data", "pack", _images.Path, "--out", _images["set.lcds"], "--skip-bad"));

        Assert.Contains("1 of 34 that cannot: train/cat/text.jpg: no PNG, JPEG or BMP", _cli.Error, StringComparison.Ordinal);
        Assert.Contains("warning: ", _cli.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 34 images are left out", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_WhileASignalComes_StopsWithItsCode()
    {
        _cli.Services = _cli.Services with { DataTools = new Endless(() => _cli.Signals.Send(StopSignal.Interrupt)) };

        Assert.Equal(130, await _cli.RunAsync("data", "pack", _images.Path, "--out", _images["set.lcds"]));

        Assert.Contains("stopped: no file was written", _cli.Error, StringComparison.Ordinal);
    }

    private sealed class Endless(Action begun) : IDataTools
    {
        public async Task<PackReport> PackAsync(RunSpec source, string target, IProgress<int> decoded, CancellationToken cancellationToken)
        {
            begun();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("cancelled");
        }

        public Task<DataReport> DescribeAsync(RunSpec source, bool verify, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<SheetReport> DrawAsync(RunSpec source, string target, int perClass, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
