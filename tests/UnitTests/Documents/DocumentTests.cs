using System.Text.RegularExpressions;
using Lcnn.Distributed.Cli;
using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.UnitTests.Cli;
using Lcnn.Distributed.UnitTests.Kubernetes;

namespace Lcnn.Distributed.UnitTests.Documents;

/// <summary>README and the pages in docs/: what they tell people to type is understood, and what they point to is there.</summary>
public sealed partial class DocumentTests
{
    private const int TwoScreens = 120; // lines

    public static TheoryData<string> Pages => [.. All.Select(path => Path.GetRelativePath(Repository.Root, path))];

    private static IEnumerable<string> All =>
        [Repository.PathOf("README.md"), Repository.PathOf("CONTRIBUTING.md"), .. Directory.GetFiles(Repository.PathOf("docs"), "*.md").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_OfAPage_AreUnderstood(string page)
    {
        using var cli = new CliHarness();
        var problems = CommandsOf(File.ReadAllText(Repository.PathOf(page)))
            .SelectMany(words => ParseProblems.Of(CommandLine.Parse(words, cli.Services)).Select(problem => $"lcnn {string.Join(' ', words)}: {problem}"));

        Assert.Empty(problems);
    }

    [Fact]
    public void Commands_OfThePages_AreFound() =>
        Assert.InRange(All.SelectMany(page => CommandsOf(File.ReadAllText(page))).Select(words => string.Join(' ', words)).Distinct().Count(), 60, int.MaxValue);

    [Fact]
    public void Commands_Mistyped_AreNot()
    {
        using var cli = new CliHarness();
        var words = Assert.Single(CommandsOf("```sh\n./lcnn train --epoch 5   # a comment\n```"));

        Assert.Equal(["train", "--epoch", "5"], words);
        Assert.NotEmpty(ParseProblems.Of(CommandLine.Parse(words, cli.Services)));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_LeadSomewhere(string page)
    {
        var path = Repository.PathOf(page);
        var broken = Link().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)
            .Where(link => !link.StartsWith("http", StringComparison.Ordinal))
            .Where(link =>
            {
                var (file, anchor) = link.Split('#') is [var name, var place] ? (name, place) : (link, null);
                var target = file.Length == 0 ? path : Path.Combine(Path.GetDirectoryName(path)!, file);
                return !Path.Exists(target) || (anchor is not null && !AnchorsOf(target).Contains(anchor));
            });

        Assert.Empty(broken);
    }

    [Fact]
    public void Pages_OfDocs_AreAllPointedTo()
    {
        var linked = All.SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(match => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, match.Groups[1].Value.Split('#')[0]))));

        Assert.Empty(All.Skip(1).Except(linked));
    }

    [Fact]
    public void Readme_FillsTwoScreens() => Assert.InRange(File.ReadAllLines(Repository.PathOf("README.md")).Length, 60, TwoScreens);

    // The words of every lcnn, which is one of the parts of its line.
    private static IEnumerable<string[]> CommandsOf(string page) =>
        from line in ShellLines.Of(page)
        from part in Separator().Split(line)
        let words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries).SkipWhile(word => Assignment().IsMatch(word)).ToArray()
        where words is ["./lcnn" or "lcnn", ..]
        select words.Skip(1).Where(word => word != "...").ToArray();

    private static HashSet<string> AnchorsOf(string file) =>
        [.. Heading().Matches(File.ReadAllText(file)).Select(match => Dropped().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\s\|\s|;|&&|\s>\s")]
    private static partial Regex Separator();

    [GeneratedRegex(@"^[A-Z_]+=")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Dropped();
}
