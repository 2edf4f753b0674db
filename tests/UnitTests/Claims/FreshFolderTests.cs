using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.UnitTests.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Claims;

public sealed class FreshFolderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Make_NameIsTaken_NumbersTheNext()
    {
        File.WriteAllText(_root["a"], "a file");

        Assert.Equal(_root["new/b"], FreshFolder.Make(_root["new/b"]));
        Assert.Equal([_root["a-2"], _root["a-3"]], [FreshFolder.Make(_root["a"]), FreshFolder.Make(_root["a"])]);
    }

    [Fact]
    public void Make_ManyOfOneNameAtOnce_GetOneEach()
    {
        var made = new string[32];

        Parallel.For(0, made.Length, new ParallelOptions { MaxDegreeOfParallelism = made.Length }, index => made[index] = FreshFolder.Make(_root["run"]));

        Assert.Equal(made.Length, made.Distinct().Count());
        Assert.All(made, folder => Assert.True(Directory.Exists(folder)));
    }

    [Fact]
    public void TryMake_CannotBeMade_SaysWhichAndWhy() =>
        Assert.Contains(_root["no/b"], Assert.Throws<IOException>(() => FreshFolder.TryMake(_root["no/b"])).Message, StringComparison.Ordinal);

    [Fact]
    public void RemoveIfEmpty_FolderHoldsSomething_KeepsIt()
    {
        Directory.CreateDirectory(_root["full/part"]);
        Directory.CreateDirectory(_root["empty"]);

        FreshFolder.RemoveIfEmpty(_root["full"]);
        FreshFolder.RemoveIfEmpty(_root["empty"]);
        FreshFolder.RemoveIfEmpty(_root["nowhere"]);

        Assert.Equal([_root["full"]], Directory.GetFileSystemEntries(_root.Path));
    }
}
