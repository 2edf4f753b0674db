using System.Security.Cryptography;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.UnitTests.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class ServedSnapshotsTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("lcnn-folder-").FullName;

    private ServedSnapshots Folder => new("run-1", _path);

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void List_SnapshotsUpToTheCommittedOne_NameEveryFileWithItsHash()
    {
        var (older, committed, newer) = (Write(1), Write(2), Write(3));

        var listed = Folder.List(committed)!;

        Assert.Equal([committed.ToString(), older.ToString()], listed.Select(snapshot => snapshot.Name));
        Assert.DoesNotContain(newer.ToString(), listed.Select(snapshot => snapshot.Name));
        Assert.Equal(SnapshotManifest.FileNames, listed[0].Files.Select(file => file.Name));
        Assert.All(listed[0].Files, file => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Read(committed, file.Name))), file.Sha256));
    }

    [Fact]
    public void List_AnotherRunWentBackInTheFolder_AreThoseSetAside()
    {
        var (older, committed) = (Write(1), Write(2));
        SnapshotStore.SetLatest(_path, committed);
        var bytes = Read(committed, SnapshotFiles.State);
        SnapshotRewind.Rewind(_path, older);

        Assert.Equal([committed.ToString()], Folder.List(committed)!.Select(snapshot => snapshot.Name));
        Assert.Equal(bytes, Folder.Read(committed.ToString(), SnapshotFiles.State, 0, bytes.Length));
    }

    [Fact]
    public void List_FolderOfAnotherMachine_IsNull()
    {
        Write(1);

        Assert.Null(Folder.List(SnapshotName.New(1, 1)));
        Assert.Null(new ServedSnapshots("run-1", Path.Combine(_path, "elsewhere")).List(SnapshotName.New(1, 1)));
    }

    [Fact]
    public void List_TornSnapshot_SaysWhatIsWrongWithIt()
    {
        var name = Write(1);
        File.AppendAllText(Path.Combine(_path, name.ToString(), SnapshotFiles.Model), "x");

        var listed = Assert.Single(Folder.List(name)!);

        Assert.Contains(SnapshotFiles.Model, listed.Damage, StringComparison.Ordinal);
        Assert.Empty(listed.Files);
    }

    [Fact]
    public void Read_Parts_AreThoseOfTheFile()
    {
        var name = Write(1);
        var whole = File.ReadAllBytes(Path.Combine(_path, name.ToString(), SnapshotFiles.State));

        Assert.Equal(whole[3..10], Folder.Read(name.ToString(), SnapshotFiles.State, 3, 7));
        Assert.Equal(whole[^5..], Folder.Read(name.ToString(), SnapshotFiles.State, whole.Length - 5, 100));
        Assert.Empty(Folder.Read(name.ToString(), SnapshotFiles.State, whole.Length + 1L, 100));
    }

    [Theory]
    [InlineData(null, "../secret")]
    [InlineData(null, "secret")]
    [InlineData(null, "/etc/hostname")]
    [InlineData("..", SnapshotFiles.Model)]
    [InlineData(".", "secret")]
    [InlineData("step-1.g1.00000000", SnapshotFiles.Model)]
    [InlineData("step-1.g1.00000000/..", SnapshotFiles.Model)]
    [InlineData("", SnapshotFiles.Model)]
    public void Read_AnyOtherName_IsRefused(string? snapshot, string file)
    {
        var name = Write(1).ToString();
        File.WriteAllText(Path.Combine(_path, "secret"), "x");
        File.WriteAllText(Path.Combine(_path, SnapshotFiles.Model), "x");

        Assert.Throws<SnapshotNotFoundException>(() => Folder.Read(snapshot ?? name, file, 0, 1));
    }

    private SnapshotName Write(long step) => SnapshotWriter.Write(_path, Samples.Content(step));

    private byte[] Read(SnapshotName name, string file) => Folder.Read(name.ToString(), file, 0, ISnapshotFilesGrain.MaxBlockBytes);
}
