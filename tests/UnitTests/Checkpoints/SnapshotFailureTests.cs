using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SnapshotFailureTests
{
    public enum Aftermath
    {
        ProcessGoesOn,
        ProcessDies,
        PowerLostAndNamesSurvive,
        PowerLost,
    }

    [Theory]
    [InlineData(Aftermath.ProcessGoesOn)]
    [InlineData(Aftermath.ProcessDies)]
    [InlineData(Aftermath.PowerLostAndNamesSurvive)]
    [InlineData(Aftermath.PowerLost)]
    public void Write_AnyOperationFails_EverySnapshotStaysWholeAndLatestUsable(Aftermath aftermath)
    {
        var operations = 0;
        for (var failed = true; failed; operations++)
        {
            using var root = new TemporaryFolder();
            var disk = new FaultyDisk(operations, dies: aftermath != Aftermath.ProcessGoesOn);
            var earlier = new[] { 10L, 20L }.Select(step => SnapshotWriter.Write(root.Path, Samples.Content(step))).ToArray();
            SnapshotStore.SetLatest(root.Path, earlier[1]);

            var (written, pointed) = WriteAndPoint(root.Path, disk);
            if (aftermath is Aftermath.PowerLost or Aftermath.PowerLostAndNamesSurvive)
            {
                disk.LosePower(namesSurvive: aftermath == Aftermath.PowerLostAndNamesSurvive);
            }

            AssertUsable(root.Path, earlier, written, pointed);
            Assert.NotEqual(disk.HasFailed, pointed);
            failed = disk.HasFailed;
        }

        Assert.InRange(operations, 20, 100);
    }

    [Fact]
    public void Write_DiskFullAtAnyOperation_NextAttemptSucceedsAndLeavesNoLeftovers()
    {
        var operations = 0;
        for (var failed = true; failed; operations++)
        {
            using var root = new TemporaryFolder();
            var disk = new FaultyDisk(operations, dies: false);
            WriteAndPoint(root.Path, disk);
            failed = disk.HasFailed;

            var name = SnapshotWriter.Write(root.Path, Samples.Content(40));
            SnapshotStore.SetLatest(root.Path, name);
            SnapshotStore.Prune(root.Path, keep: 2, name);

            Assert.Equal(40, SnapshotStore.FindNewest(root.Path, warning => Assert.Fail(warning)).Step);
            Assert.Empty(Directory.GetFileSystemEntries(root.Path, ".tmp-*"));
        }
    }

    [Theory]
    [InlineData(Aftermath.ProcessDies)]
    [InlineData(Aftermath.PowerLost)]
    public void Write_FirstSnapshotOfANewFolderFailsAnywhere_IsAllThereOrNotThere(Aftermath aftermath)
    {
        for (var (failAt, failed) = (0, true); failed; failAt++)
        {
            using var root = new TemporaryFolder();
            var disk = new FaultyDisk(failAt, dies: true);
            var run = root["runs/first"];

            var problem = Record.Exception(() => SnapshotStore.SetLatest(run, SnapshotWriter.Write(run, Samples.Content(30), disk), disk));

            if (aftermath == Aftermath.PowerLost)
            {
                disk.LosePower(namesSurvive: false);
            }

            Assert.True(problem is null or IOException);
            var names = Directory.Exists(run) ? SnapshotStore.List(run) : [];
            Assert.All(names, name => SnapshotReader.Read(Path.Combine(run, name.ToString())));
            Assert.True(problem is not null || names.Count == 1);
            failed = disk.HasFailed;
        }
    }

    [Theory]
    [InlineData(Aftermath.ProcessDies)]
    [InlineData(Aftermath.PowerLost)]
    public void PublishModel_AnyOperationFails_LeavesTheEarlierModelOrTheNewOne(Aftermath aftermath)
    {
        for (var (failAt, failed) = (0, true); failed; failAt++)
        {
            using var root = new TemporaryFolder();
            var disk = new FaultyDisk(failAt, dies: true);
            var names = new[] { 10L, 20L }.Select(step => SnapshotWriter.Write(root.Path, Samples.Content(step, weight: step))).ToArray();
            SnapshotStore.PublishModel(root.Path, names[0]);

            var problem = Record.Exception(() => SnapshotStore.PublishModel(root.Path, names[1], disk));

            if (aftermath == Aftermath.PowerLost)
            {
                disk.LosePower(namesSurvive: false);
            }

            Assert.True(problem is null or IOException);
            var model = File.ReadAllBytes(root["model.safetensors"]);
            var models = names.Select(name => File.ReadAllBytes(root[$"{name}/model.safetensors"])).ToArray();
            Assert.True(model.SequenceEqual(models[1]) || (problem is not null && model.SequenceEqual(models[0])));
            failed = disk.HasFailed;
        }
    }

    [Theory]
    [InlineData(Aftermath.ProcessDies)]
    [InlineData(Aftermath.PowerLost)]
    public void Prune_AnyOperationFails_LeavesNoDamagedSnapshot(Aftermath aftermath)
    {
        for (var (failAt, failed) = (0, true); failed; failAt++)
        {
            using var root = new TemporaryFolder();
            var disk = new FaultyDisk(failAt, dies: true);
            var names = new[] { 10L, 20L, 30L, 40L }.Select(step => SnapshotWriter.Write(root.Path, Samples.Content(step))).ToArray();

            var problem = Record.Exception(() => SnapshotStore.Prune(root.Path, keep: 2, names[3], disk));

            if (aftermath == Aftermath.PowerLost)
            {
                disk.LosePower(namesSurvive: false);
            }

            Assert.True(problem is null or IOException);
            Assert.All(SnapshotStore.List(root.Path), name => SnapshotReader.Read(root[name.ToString()]));
            Assert.Subset(SnapshotStore.List(root.Path).ToHashSet(), names[2..].ToHashSet());
            failed = disk.HasFailed;
        }
    }

    private static (SnapshotName? Written, bool Pointed) WriteAndPoint(string root, FaultyDisk disk)
    {
        SnapshotName? written = null;
        try
        {
            written = SnapshotWriter.Write(root, Samples.Content(30), disk);
            SnapshotStore.SetLatest(root, written.Value, disk);
            return (written, true);
        }
        catch (IOException problem)
        {
            Assert.Contains("injected", problem.Message, StringComparison.Ordinal);
            return (written, false);
        }
    }

    private static void AssertUsable(string root, SnapshotName[] earlier, SnapshotName? written, bool pointed)
    {
        Assert.All(earlier, name => SnapshotReader.Read(Path.Combine(root, name.ToString())));
        Assert.All(SnapshotStore.List(root), name => SnapshotReader.Read(Path.Combine(root, name.ToString())));
        if (written is { } name)
        {
            Assert.Contains(name, SnapshotStore.List(root));
        }

        var newest = SnapshotStore.FindNewest(root, warning => Assert.Fail(warning));
        Assert.Contains(newest.Step, pointed ? [30L] : new[] { 20L, 30L });
        Assert.Equal(Path.GetFileName(newest.Folder), File.Exists(Path.Combine(root, "latest")) ? File.ReadAllText(Path.Combine(root, "latest")).Trim() : written.ToString());
    }
}
