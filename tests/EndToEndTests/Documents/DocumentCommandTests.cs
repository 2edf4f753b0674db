using System.Text.RegularExpressions;
using Lcnn.Distributed.UnitTests.Documents;
using Lcnn.Distributed.UnitTests.Kubernetes;

namespace Lcnn.Distributed.EndToEndTests.Documents;

/// <summary>What README and the pages tell people to type, typed by a shell, line by line, at small sizes.</summary>
public sealed partial class DocumentCommandTests
{
    public static TheoryData<string> Pages =>
        ["README.md", .. Directory.GetFiles(Repository.PathOf("docs"), "*.md").Select(path => Path.GetRelativePath(Repository.Root, path)).Where(page => LinesOf(page).Any()).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Lines_OfAPage_EndWell(string page)
    {
        Assert.SkipUnless(TestTier.IsLong || page == "README.md", "takes minutes: set LCNN_LONG=1");
        await using var desk = await Desk.SetAsync(await File.ReadAllTextAsync(Repository.PathOf(page), TestContext.Current.CancellationToken));

        foreach (var line in LinesOf(page))
        {
            await desk.TypeAsync(line);
        }
    }

    private static IEnumerable<string> LinesOf(string page) =>
        ShellLines.Of(File.ReadAllText(Repository.PathOf(page))).Where(line => Typed().IsMatch(line) && !Elsewhere().IsMatch(line));

    [GeneratedRegex(@"(^|\s|\./)lcnn |^curl ")]
    private static partial Regex Typed();

    // What is not here: a server of MLflow, sets that are fetched, addresses and files that a reader has to fill in; and what the cluster here has no certificates for (ClosedClusterTests).
    [GeneratedRegex(@"mlflow|cifar10|\.\.\.|--tls")]
    private static partial Regex Elsewhere();
}
