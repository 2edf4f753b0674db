namespace Lcnn.Distributed.UnitTests.Architecture;

/// <summary>Between two folders of a project there is at most one direction.</summary>
/// <remarks>
/// Every folder counts for itself, at any depth: a nested one and the one around it are a pair like any other. Either the outer one holds
/// what the nested ones share, or it puts them together; what both would need lies in a folder below both.
/// </remarks>
public sealed class FolderTests
{
    public static TheoryData<string, string> Pairs { get; } = new(
        from project in House.Projects.Keys
        let folders = House.FoldersOf(project)
        from first in folders.Index()
        from second in folders.Skip(first.Index + 1)
        select (first.Item, second));

    [Theory, MemberData(nameof(Pairs))]
    public void Folders_OfOneProject_DoNotUseEachOther(string first, string second)
    {
        var (there, back) = (House.Uses(first, second), House.Uses(second, first));

        Assert.False(
            there.Count > 0 && back.Count > 0,
            $"{first} and {second} use each other. {first}: {string.Join(", ", there)}. {second}: {string.Join(", ", back)}.");
    }

    public static TheoryData<string> Projects { get; } = new(House.Projects.Keys);

    [Theory, MemberData(nameof(Projects))]
    public void Folders_OfOneProject_LieInLayers(string project)
    {
        var left = House.FoldersOf(project).ToHashSet();
        List<string> lowest;

        do
        {
            lowest = [.. left.Where(folder => left.All(other => House.Uses(folder, other).Count == 0))];
            left.ExceptWith(lowest);
        }
        while (lowest.Count > 0);

        Assert.True(left.Count == 0, $"use each other in a circle, or lie above those that do: {string.Join(", ", left)}");
    }

    [Fact]
    public void Use_InsideAnAsynchronousMethod_IsSeen() =>
        Assert.Contains("SweepSession uses ErrorText", House.Uses("Cli/Commands/Sweeps", "Cli/Commands"));
}
