using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Folders;

namespace Lcnn.Distributed.UnitTests.Security;

public sealed class RunRootsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-roots-").FullName;

    [Fact]
    public void ProblemOf_FoldersUnderARoot_IsNone()
    {
        var roots = new RunRoots([In("a"), In("b")]);

        Assert.Null(roots.ProblemOf(In("a")));
        Assert.Null(roots.ProblemOf(In("a/runs/1")));
        Assert.Null(roots.ProblemOf(In("b/../a/x")));
        Assert.Null(roots.ProblemOf("relative/one"));
        Assert.Equal(In("a/relative"), roots.Place("relative"));
        Assert.Equal(In("b/x"), roots.Place(In("b/x")));
        Assert.Null(RunRoots.All.ProblemOf("/etc"));
        Assert.Null(new RunRoots(["/"]).ProblemOf("/anything"));
    }

    [Theory]
    [InlineData("a-sibling")]
    [InlineData("a/../c")]
    [InlineData("a/link/x")]
    [InlineData("")]
    public void ProblemOf_FoldersElsewhere_NamesTheRoots(string folder)
    {
        Directory.CreateDirectory(In("a"));
        Directory.CreateSymbolicLink(In("a/link"), "/tmp");

        var problem = new RunRoots([In("a")]).ProblemOf(In(folder));

        Assert.Contains($"expected a folder under '{In("a")}'", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ProblemOf_RelativeFoldersThatClimbOut_IsSaid() => Assert.NotNull(new RunRoots([In("a")]).ProblemOf("../../etc"));

    [Theory]
    [InlineData("run-20260101-000000-0a1b2c3d", true)]
    [InlineData("a.b_c-1", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData(".hidden", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("a/b", false)]
    [InlineData("a\nb", false)]
    [InlineData("é", false)]
    public void ProblemOf_Ids_AllowsPlainOnes(string id, bool isFine) => Assert.Equal(isFine, RunIds.ProblemOf(id) is null);

    [Fact]
    public void ProblemOf_ALongId_IsSaid() => Assert.NotNull(RunIds.ProblemOf(new string('a', RunIds.MaxLength + 1)));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string path) => Path.TrimEndingDirectorySeparator(Path.Combine(_folder, path));
}
