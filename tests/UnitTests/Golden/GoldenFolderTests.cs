using System.Text.RegularExpressions;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class GoldenFolderTests
{
    [Fact]
    public void Folder_OfAnySet_HoldsEveryKindAndNothingElse()
    {
        var files = GoldenFolder.Files();

        Assert.All(GoldenFolder.Kinds, kind => Assert.True(GoldenFolder.Files(kind).Count > 0, $"{GoldenFolder.Path} has no file {kind}"));
        Assert.All(files, name => Assert.Single(GoldenFolder.Kinds, kind => Regex.IsMatch(name, kind)));
    }
}
