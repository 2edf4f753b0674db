using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SnapshotStoreTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _root.Dispose();

    [Fact]
    public void FindNewest_LatestSet_TakesTheOneItNames()
    {
        var committed = Write(10);
        Write(20);
        SnapshotStore.SetLatest(_root.Path, committed);

        Assert.Equal(10, FindNewest().Step);
        Assert.Equal($"{committed}\n", File.ReadAllText(_root["latest"]));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void FindNewest_NoLatest_TakesTheHighestStepThenGeneration()
    {
        Write(9);
        Write(10, generation: 2);
        Write(10, generation: 10);

        var newest = FindNewest();

        Assert.Equal((10, 10), (newest.Step, newest.Generation));
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("state.json")]
    public void FindNewest_NewestDamaged_WarnsByNameAndTakesTheOneBefore(string file)
    {
        Write(10);
        Write(20);
        var damaged = Write(30);
        SnapshotStore.SetLatest(_root.Path, damaged);
        Truncate($"{damaged}/{file}");

        Assert.Equal(20, FindNewest().Step);
        var warning = Assert.Single(_warnings);
        Assert.Contains(_root[$"{damaged}/{file}"], warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../elsewhere/step-10.g1.00000000")]
    [InlineData("step-10.g1.00000000")]
    [InlineData("\0\uffff garbage")]
    public void FindNewest_LatestOfNoUse_WarnsAndTakesTheNewest(string latest)
    {
        Write(10);
        File.WriteAllText(_root["latest"], latest);

        Assert.Equal(10, FindNewest().Step);
        Assert.Single(_warnings);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("state.json")]
    public void FindNewest_BitFlippedInTheTwoNewest_WarnsOfBothAndTakesTheThird(string file)
    {
        Write(10);
        var damaged = new[] { Write(20), Write(30) };
        SnapshotStore.SetLatest(_root.Path, damaged[1]);
        foreach (var name in damaged)
        {
            var bytes = File.ReadAllBytes(_root[$"{name}/{file}"]);
            bytes[bytes.Length / 2] ^= 0x10;
            File.WriteAllBytes(_root[$"{name}/{file}"], bytes);
        }

        Assert.Equal(10, FindNewest().Step);
        Assert.Equal(2, _warnings.Count);
        Assert.Contains(_root[$"{damaged[1]}/{file}"], _warnings[0], StringComparison.Ordinal);
        Assert.Contains(_root[$"{damaged[0]}/{file}"], _warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void FindNewest_LatestTornOrFlippedAnywhere_FindsAWholeOneAndSaysSo()
    {
        Write(10);
        SnapshotStore.SetLatest(_root.Path, Write(20));
        var whole = File.ReadAllBytes(_root["latest"]);
        var damaged = Enumerable.Range(0, whole.Length - 1).Select(length => whole[..length]).ToList();
        for (var bit = 0; bit < 8 * (whole.Length - 1); bit++)
        {
            damaged.Add((byte[])whole.Clone());
            damaged[^1][bit / 8] ^= (byte)(1 << (bit % 8));
        }

        foreach (var bytes in damaged)
        {
            _warnings.Clear();
            File.WriteAllBytes(_root["latest"], bytes);

            Assert.Equal(20, FindNewest().Step);
            Assert.Single(_warnings);
        }
    }

    [Fact]
    public void FindNewest_FolderOfOneSnapshot_ReadsThatOneOrFails()
    {
        var older = Write(10);
        Write(20);

        Assert.Equal(10, SnapshotStore.FindNewest(_root[older.ToString()] + "/", _warnings.Add).Step);
        Truncate($"{older}/model.safetensors");
        Assert.Throws<CheckpointException>(() => SnapshotStore.FindNewest(_root[older.ToString()], _warnings.Add));
        Directory.Delete(_root[older.ToString()], recursive: true);
        Assert.Throws<CheckpointException>(() => SnapshotStore.FindNewest(_root[older.ToString()], _warnings.Add));
    }

    [Fact]
    public void FindNewest_NothingWhole_SaysWhatWasLookedFor()
    {
        var none = Assert.Throws<CheckpointException>(FindNewest);
        Truncate($"{Write(10)}/state.json");
        var damaged = Assert.Throws<CheckpointException>(FindNewest);
        var missing = Assert.Throws<CheckpointException>(() => SnapshotStore.FindNewest(_root["missing"], _warnings.Add));

        Assert.Contains("step-N.gG.ID, got none", none.Message, StringComparison.Ordinal);
        Assert.Contains("got 1 damaged", damaged.Message, StringComparison.Ordinal);
        Assert.Equal(_root["missing"], missing.File);
    }

    [Fact]
    public void SetLatest_NoSuchSnapshot_IsAnArgumentError() =>
        Assert.Throws<ArgumentException>(() => SnapshotStore.SetLatest(_root.Path, SnapshotName.New(1, 1)));

    [Theory]
    [InlineData(10, 9, 20, 1, 20)]
    [InlineData(20, 1, 20, 2, 20)]
    [InlineData(30, 1, 20, 2, 30)]
    [InlineData(20, 2, 20, 2, 20)]
    public void SetLatest_PresentOneIsNewer_StaysWithIt(long step, int generation, long presentStep, int presentGeneration, long expected)
    {
        var present = Write(presentStep, presentGeneration);
        SnapshotStore.SetLatest(_root.Path, present);
        var late = Write(step, generation);

        SnapshotStore.SetLatest(_root.Path, late);

        Assert.Equal(expected, FindNewest().Step);
        var isNewer = step > presentStep || (step == presentStep && generation >= presentGeneration);
        Assert.Equal($"{(isNewer ? late : present)}\n", File.ReadAllText(_root["latest"]));
    }

    [Fact]
    public void SetLatest_PresentOneIsWhatItGoesOnFrom_Follows()
    {
        var resumed = Write(20, generation: 3);
        SnapshotStore.SetLatest(_root.Path, resumed);
        var name = Write(20);

        SnapshotStore.SetLatest(_root.Path, name, previous: resumed);

        Assert.Equal($"{name}\n", File.ReadAllText(_root["latest"]));
    }

    [Fact]
    public void SetLatest_ModelAndReportOfAnEarlierOne_GoWithIt()
    {
        SnapshotStore.SetLatest(_root.Path, Write(10));
        File.WriteAllText(_root["model.safetensors"], "of step 10");
        File.WriteAllText(_root["report.json"], "of step 10");

        var name = Write(20);
        SnapshotStore.SetLatest(_root.Path, name);

        Assert.False(File.Exists(_root["model.safetensors"]) || File.Exists(_root["report.json"]));
        Assert.Equal($"{name}\n", File.ReadAllText(_root["latest"]));
    }

    [Fact]
    public void FindNewest_LatestDamaged_TakesTheOneBeforeRatherThanOneThatWasNeverCommitted()
    {
        Write(10);
        var damaged = Write(20);
        Write(30);
        SnapshotStore.SetLatest(_root.Path, damaged);
        Truncate($"{damaged}/state.json");

        Assert.Equal(10, FindNewest().Step);
    }

    [Theory]
    [InlineData("step-99.g1.00000000")]
    [InlineData("garbage")]
    public void SetLatest_PresentOneIsGoneOrDamaged_IsReplaced(string present)
    {
        File.WriteAllText(_root["latest"], present);
        var name = Write(10);

        SnapshotStore.SetLatest(_root.Path, name);

        Assert.Equal($"{name}\n", File.ReadAllText(_root["latest"]));
    }

    [Theory]
    [InlineData(0, new long[] { 50, 40, 30 })]
    [InlineData(2, new long[] { 50, 40, 30 })]
    [InlineData(3, new long[] { 50, 40, 30, 20 })]
    [InlineData(9, new long[] { 50, 40, 30, 20, 10 })]
    public void Prune_FiveSnapshots_SparesTheNewestTheCommittedAndItsPredecessor(int keep, long[] expected)
    {
        var names = new long[] { 10, 20, 30, 40, 50 }.Select(step => Write(step)).ToArray();

        SnapshotStore.Prune(_root.Path, keep, committed: names[3]);

        Assert.Equal(expected, SnapshotStore.List(_root.Path).Select(name => name.Step));
        Assert.Equal(expected.Length, Directory.GetFileSystemEntries(_root.Path).Length);
    }

    [Fact]
    public void Prune_OneInBetweenWasNeverCommitted_SparesTheOneCommittedBefore()
    {
        var (older, previous) = (Write(10), Write(20));
        var (uncommitted, committed) = (Write(30), Write(30, generation: 2));

        SnapshotStore.Prune(_root.Path, keep: 2, committed, previous);

        Assert.Equal([committed, uncommitted, previous], SnapshotStore.List(_root.Path));
        Assert.False(Directory.Exists(_root[older.ToString()]));
    }

    [Fact]
    public void PublishModel_OfASnapshot_ReplacesTheOneBesideIt()
    {
        File.WriteAllText(_root["model.safetensors"], "earlier");
        var name = Write(10);

        SnapshotStore.PublishModel(_root.Path, name);

        Assert.Equal(File.ReadAllBytes(_root[$"{name}/model.safetensors"]), File.ReadAllBytes(_root["model.safetensors"]));
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path, ".tmp-*"));
    }

    [Fact]
    public void PublishModel_LatestNamesANewerOne_StaysWithThat()
    {
        var late = Write(20);
        var newest = Write(20, generation: 2);
        SnapshotStore.SetLatest(_root.Path, newest);
        File.WriteAllText(_root["model.safetensors"], "of the newer generation");

        SnapshotStore.PublishModel(_root.Path, late);

        Assert.Equal("of the newer generation", File.ReadAllText(_root["model.safetensors"]));
    }

    [Fact]
    public void Prune_Leftovers_GoUnlessTheyMayBeInUse()
    {
        var committed = Write(20, generation: 2);
        foreach (var folder in new[] { ".tmp-step-10.g1.00000000", ".tmp-step-20.g1.00000000", ".tmp-step-30.g2.00000000", "mine", ".tmp-mine" })
        {
            Directory.CreateDirectory(_root[folder]);
            File.WriteAllText(_root[$"{folder}/model.safetensors"], "torn");
        }

        File.WriteAllText(_root[".tmp-latest-00000000"], "torn");
        File.WriteAllText(_root[".tmp-model-00000000"], "torn");
        File.WriteAllText(_root["probe"], "probe");

        SnapshotStore.Prune(_root.Path, keep: 3, committed);

        Assert.Equal(
            new[] { ".tmp-mine", ".tmp-step-30.g2.00000000", "mine", "probe", committed.ToString() },
            Directory.GetFileSystemEntries(_root.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Prune_CommittedIsMissing_DeletesNothing()
    {
        Write(10);
        Write(20);
        Write(30);

        Assert.Throws<ArgumentException>(() => SnapshotStore.Prune(_root.Path, keep: 0, SnapshotName.New(25, 1)));

        Assert.Equal(3, SnapshotStore.List(_root.Path).Count);
    }

    private SnapshotName Write(long step, int generation = 1) => SnapshotWriter.Write(_root.Path, Samples.Content(step, generation));

    private Snapshot FindNewest() => SnapshotStore.FindNewest(_root.Path, _warnings.Add);

    private void Truncate(string file)
    {
        using var stream = File.OpenWrite(_root[file]);
        stream.SetLength(stream.Length / 2);
    }
}
