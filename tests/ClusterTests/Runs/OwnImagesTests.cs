using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Own;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.UnitTests.Data;
using Parquet;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Runs on images of a user's own.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class OwnImagesTests(ClusterFixture cluster) : IDisposable
{
    private readonly TemporaryFolder _folder = OwnFiles.Folder();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_OnAFolderWithBadImages_IsRefusedByNameOrLeavesThemOut()
    {
        _folder.Write("train/cat/cut.png", OwnFiles.Encode(90)[..80]);
        _folder.Write("train/dog/text.jpg", "this is a text"u8.ToArray());
        var spec = Spec(_folder.Path);

        var refused = await cluster.Client.StartAsync(spec, TestContext.Current.CancellationToken);
        var refusal = Assert.IsType<RunFailed>(await refused.EndAsync());
        var completed = new List<RunCompleted>();
        foreach (var workers in new[] { 1, 2, 3 })
        {
            completed.Add(await cluster.CompleteAsync(spec with { SkipBad = true, Workers = workers, OutputDirectory = cluster.NewFolder() }));
        }

        Assert.Contains("2 of 35 that cannot: train/cat/cut.png: cut short: its pixels end too early; train/dog/text.jpg: no PNG, JPEG or BMP", refusal.Error, StringComparison.Ordinal);
        Assert.Single(completed.Select(run => run.WeightsSha256).Distinct());
        Assert.All(completed, run => Assert.Equal(OwnFiles.Classes, run.ClassNames));
    }

    [Fact]
    public async Task Run_ThatLeavesImagesOut_SaysHowManyAndWhatTheClassesAre()
    {
        _folder.Write("train/dog/text.jpg", "this is a text"u8.ToArray());

        var run = await cluster.Client.StartAsync(Spec(_folder.Path) with { SkipBad = true }, TestContext.Current.CancellationToken);
        var events = await run.EventsAsync();

        Assert.Contains("1 of 34 images are left out: train/dog/text.jpg", Assert.Single(events.OfType<RunWarning>()).Message, StringComparison.Ordinal);
        Assert.Equal(OwnFiles.Classes, Assert.Single(events.OfType<RunStarted>()).ClassNames);
    }

    [Fact]
    public async Task Weights_OfTheSameImagesInEveryForm_AreTheSame()
    {
        using var other = new TemporaryFolder();
        other.Write("hub/train-0.parquet", await OwnFiles.ParquetAsync(OwnFiles.Rows(OwnFiles.TrainCount), CompressionMethod.Snappy));
        other.Write("hub/test-0.parquet", await OwnFiles.ParquetAsync(OwnFiles.Rows(OwnFiles.TestCount, 1000), CompressionMethod.Snappy));
        OwnDataSets.Pack(_folder.Path, DataSetRequests.Of(Spec(_folder.Path)).Images, other["set.lcds"], null, TestContext.Current.CancellationToken);
        string[] paths = [_folder.Path, other.Write("set.npz", OwnFiles.Npz(isPacked: true)), other["hub"], other["set.lcds"]];

        var weights = new List<string>();
        foreach (var path in paths)
        {
            weights.Add((await cluster.CompleteAsync(Spec(path))).WeightsSha256);
        }

        Assert.Single(weights.Distinct());
    }

    [Fact]
    public async Task Run_OnAPackedSetThatWasDamaged_EndsWithTheBlockNamed()
    {
        OwnDataSets.Pack(_folder.Path, DataSetRequests.Of(Spec(_folder.Path)).Images, _folder["set.lcds"], null, TestContext.Current.CancellationToken);
        var bytes = await File.ReadAllBytesAsync(_folder["set.lcds"], TestContext.Current.CancellationToken);
        bytes[4096 + 100] ^= 1;
        await File.WriteAllBytesAsync(_folder["set.lcds"], bytes, TestContext.Current.CancellationToken);

        var run = await cluster.Client.StartAsync(Spec(_folder["set.lcds"]), TestContext.Current.CancellationToken);
        var failed = Assert.IsType<RunFailed>(await run.EndAsync());

        Assert.True(failed.BadInput);
        Assert.Contains($"{_folder["set.lcds"]}: expected SHA-256 ", failed.Error, StringComparison.Ordinal);
        Assert.Contains("of block 0 (bytes 4096 to ", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhoseImagesNoSiloHas_IsRefusedByName()
    {
        var run = await cluster.Client.StartAsync(Spec(_folder["nowhere"]), TestContext.Current.CancellationToken);

        Assert.Contains($"{_folder["nowhere"]}: expected", Assert.IsType<RunFailed>(await run.EndAsync()).Error, StringComparison.Ordinal);
    }

    private RunSpec Spec(string path) => cluster.SmallSpec() with
    {
        Dataset = path,
        ImageSize = "8x8",
        Normalize = "0.5/0.25",
        Augment = true,
        TrainLimit = 0,
        LogicalShards = 4,
        BatchSize = 12,
    };
}
