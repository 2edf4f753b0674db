using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class FullDiskTests
{
    [Fact]
    public void Write_DiskIsFull_SaysSoAndKeepsTheLastSnapshot()
    {
        using var disk = new SmallDisk("256k");
        SnapshotStore.SetLatest(disk.Path, SnapshotWriter.Write(disk.Path, Samples.Content(10)));
        disk.Fill();

        var full = Assert.Throws<IOException>(() => SnapshotWriter.Write(disk.Path, Samples.Content(20)));

        Assert.Contains("space", full.Message, StringComparison.Ordinal);
        Assert.Equal(10, SnapshotStore.FindNewest(disk.Path, warning => Assert.Fail(warning)).Step);
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path, ".tmp-*"));
        disk.MakeRoom();
        SnapshotStore.SetLatest(disk.Path, SnapshotWriter.Write(disk.Path, Samples.Content(30)));
        Assert.Equal(30, SnapshotStore.FindNewest(disk.Path, warning => Assert.Fail(warning)).Step);
    }
}
