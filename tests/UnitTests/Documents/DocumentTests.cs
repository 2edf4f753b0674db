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
    private const int Near = 8; // lines

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

    // What an attack is made of is no measurement.
    [Theory]
    [MemberData(nameof(Pages))]
    public void Tables_OfFigures_NameDateProcessorAndCommand(string page) =>
        Assert.DoesNotContain(Unsourced(File.ReadAllText(Repository.PathOf(page))), problem => !problem.StartsWith("| name | numbers | after |", StringComparison.Ordinal));

    [Fact]
    public void Rows_OfTheResults_EachNameDateProcessorAndCommand()
    {
        var rows = TableLine().Matches(File.ReadAllText(Repository.PathOf("docs/results.md"))).Select(match => match.Value).SkipWhile(row => !row.EndsWith("| by |", StringComparison.Ordinal)).Skip(2).ToList();

        Assert.InRange(rows.Count, 15, int.MaxValue);
        Assert.DoesNotContain(rows, row => Missing(row).Any());
    }

    [Theory]
    [InlineData("2026-11-30, AMD EPYC, `./test`", true)]
    [InlineData("AMD EPYC, `./test`", false)]
    [InlineData("2026-11-30, `./test`", false)]
    [InlineData("2026-11-30, AMD EPYC, `median`", false)]
    public void Tables_WithoutASource_AreFound(string source, bool isSourced) =>
        Assert.Equal(isSourced, !Unsourced($"{source}:\n\n| what | measured |\n|---|---|\n| a step | 20 ms |\n\nAnd so on.\n").Any());

    [Fact]
    public void Tables_OfFigures_AreFound() => Assert.InRange(All.Sum(page => Tables(File.ReadAllText(page)).Count()), 6, int.MaxValue);

    [Fact]
    public void Readme_FillsTwoScreens() => Assert.InRange(File.ReadAllLines(Repository.PathOf("README.md")).Length, 60, TwoScreens);

    // The words of every lcnn, which is one of the parts of its line.
    private static IEnumerable<string[]> CommandsOf(string page) =>
        from line in ShellLines.Of(page)
        from part in Separator().Split(line)
        let words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries).SkipWhile(word => Assignment().IsMatch(word)).ToArray()
        where words is ["./lcnn" or "lcnn", ..]
        select words.Skip(1).Where(word => word != "...").ToArray();

    private static IEnumerable<string> Unsourced(string page) =>
        Tables(page).Select(table => (table.Head, Missing: string.Join(", ", Missing(table.Around)))).Where(table => table.Missing.Length > 0).Select(table => $"{table.Head}: no {table.Missing}");

    // Of tables with a figure: the first line, and the table with the lines near it.
    private static IEnumerable<(string Head, string Around)> Tables(string page)
    {
        var lines = page.Split('\n');
        for (var first = 0; first < lines.Length; first++)
        {
            var count = lines.Skip(first).TakeWhile(line => line.StartsWith('|')).Count();
            if (lines.Skip(first + 2).Take(count - 2).Any(Figure().IsMatch))
            {
                yield return (lines[first], string.Join('\n', lines[Math.Max(0, first - Near)..Math.Min(lines.Length, first + count + Near)]));
            }

            first += count;
        }
    }

    private static IEnumerable<string> Missing(string text) =>
        new[] { ("date", Date()), ("processor", Processor()), ("command", Command()) }.Where(part => !part.Item2.IsMatch(text)).Select(part => part.Item1);

    private static HashSet<string> AnchorsOf(string file) =>
        [.. Heading().Matches(File.ReadAllText(file)).Select(match => Dropped().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\d ?(?:%|ms|s|MB|kB|GB|times|samples/s)(?![\w/-])|±")]
    private static partial Regex Figure();

    [GeneratedRegex(@"\b20\d\d-\d\d-\d\d\b")]
    private static partial Regex Date();

    [GeneratedRegex(@"AMD \w+|Intel \w+|NVIDIA \w+")]
    private static partial Regex Processor();

    [GeneratedRegex(@"`(?:\./)?(?:lcnn|test|dotnet|tests/)\b[^`\n]*`|^\./lcnn ", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"^\|.*$", RegexOptions.Multiline)]
    private static partial Regex TableLine();

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
