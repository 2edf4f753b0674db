using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SnapshotRewindTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Rewind_SomeAreNewer_SetsThemAsideWithAllThatBelongedToTheNewest()
    {
        var names = WriteRun(_root, 10, 20, 30, 40);

        var rewound = SnapshotRewind.Rewind(_root.Path, names[1]);

        Assert.Equal(names[2..], rewound!.Snapshots);
        Assert.Equal(names[..2].Reverse(), SnapshotStore.List(_root.Path));
        Assert.Equal(20, FindNewest(_root.Path).Step);
        Assert.Equal(["latest", "set-aside", .. names[..2].Select(name => name.ToString())], Names(_root.Path));
        Assert.Equal(["latest", "model.safetensors", "report.json", .. names[2..].Select(name => name.ToString())], Names(rewound.Folder));
        Assert.Equal(40, FindNewest(rewound.Folder).Step);
        Assert.Equal("of step 40", File.ReadAllText(Path.Combine(rewound.Folder, "report.json")));
        Assert.Equal(Path.Combine(rewound.Folder, names[2].ToString()), SnapshotRewind.Find(_root.Path, names[2]));
    }

    [Fact]
    public void Rewind_ToTheBeginning_SetsAllAside()
    {
        var names = WriteRun(_root, 10, 20);

        var rewound = SnapshotRewind.Rewind(_root.Path, target: null);

        Assert.Equal(names, rewound!.Snapshots);
        Assert.Equal(["set-aside"], Names(_root.Path));
    }

    [Fact]
    public void Rewind_AnotherGenerationOfTheStep_IsOfTheAbandonedFuture()
    {
        var target = SnapshotWriter.Write(_root.Path, Samples.Content(20));
        var later = SnapshotWriter.Write(_root.Path, Samples.Content(20, generation: 2));
        SnapshotStore.SetLatest(_root.Path, later);

        Assert.Equal([later], SnapshotRewind.Rewind(_root.Path, target)!.Snapshots);
        Assert.Equal($"{target}\n", File.ReadAllText(_root["latest"]));
    }

    [Fact]
    public void Rewind_NothingIsNewer_ChangesNothing()
    {
        var names = WriteRun(_root, 10, 20);
        var before = Names(_root.Path);

        Assert.Null(SnapshotRewind.Rewind(_root.Path, names[1]));

        Assert.Equal(before, Names(_root.Path));
        Assert.Equal("of step 20", File.ReadAllText(_root["report.json"]));
    }

    [Fact]
    public void Rewind_WriterOfTheAbandonedFutureWakesUp_CannotPointToIt()
    {
        var names = WriteRun(_root, 10, 20, 30);
        SnapshotRewind.Rewind(_root.Path, names[0]);

        Assert.Throws<ArgumentException>(() => SnapshotStore.SetLatest(_root.Path, names[2]));

        Assert.Equal(10, FindNewest(_root.Path).Step);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rewind_DiesAtAnyOperation_FutureIsWhollyThereOrWhollyAbandoned(bool losesPower)
    {
        var outcomes = new HashSet<long>();
        for (var (failAt, failed) = (0, true); failed; failAt++)
        {
            using var root = new TemporaryFolder();
            var names = WriteRun(root, 10, 20, 30, 40);
            var disk = new FaultyDisk(failAt, dies: true);

            var problem = Record.Exception(() => SnapshotRewind.Rewind(root.Path, names[1], disk));
            if (losesPower)
            {
                disk.LosePower(namesSurvive: false);
            }

            Assert.True(problem is null or IOException);
            Assert.All(names, name => SnapshotReader.Read(SnapshotRewind.Find(root.Path, name)!));
            AssertBelongTogether(root);
            var step = FindNewest(root.Path).Step;
            outcomes.Add(step);
            var again = SnapshotRewind.Rewind(root.Path, names[step == 40 ? 3 : 1]);
            Assert.True(again is null || step == 20);
            AssertBelongTogether(root);
            Assert.Equal(step == 40, File.Exists(root["model.safetensors"]) && File.Exists(root["report.json"]));
            Assert.Equal(step == 40 ? 4 : 2, SnapshotStore.List(root.Path).Count);
            failed = disk.HasFailed;
        }

        Assert.Equal([20, 40], outcomes.Order());
    }

    private static SnapshotName[] WriteRun(TemporaryFolder root, params long[] steps)
    {
        var names = steps.Select(step => SnapshotWriter.Write(root.Path, Samples.Content(step, weight: step))).ToArray();
        SnapshotStore.SetLatest(root.Path, names[^1]);
        SnapshotStore.PublishModel(root.Path, names[^1]);
        File.WriteAllText(root["report.json"], $"of step {steps[^1]}");
        return names;
    }

    private static void AssertBelongTogether(TemporaryFolder root)
    {
        var newest = FindNewest(root.Path);
        Assert.Equal(Path.GetFileName(newest.Folder), File.ReadAllText(root["latest"]).Trim());
        Assert.True(!File.Exists(root["model.safetensors"]) || WeightsHash.ComputeFile(root["model.safetensors"]) == newest.WeightsSha256);
        Assert.True(!File.Exists(root["report.json"]) || newest.Step == 40);
    }

    private static Snapshot FindNewest(string folder) => SnapshotStore.FindNewest(folder, warning => Assert.Fail(warning));

    private static List<string> Names(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
