using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Lcnn.Distributed.Silo;

namespace Lcnn.Distributed.UnitTests.Silo;

/// <summary>What the dashboard consists of.</summary>
public sealed partial class DashboardAssetsTests
{
    // As recorded in the README beside each of them.
    [Theory]
    [InlineData("standalone.module.js", "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7")]
    [InlineData("uPlot.iife.min.js", "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f")]
    [InlineData("uPlot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04")]
    public void Asset_OfOthers_IsTheRecordedOne(string name, string sha256)
    {
        using var content = Open(name);

        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    // A browser would find out when somebody clicks.
    [Fact]
    public void Imports_OfEveryModule_AreThereWithWhatTheyName()
    {
        var modules = Names.Where(name => name.EndsWith(".js", StringComparison.Ordinal) && !name.Contains(".min.", StringComparison.Ordinal)).ToDictionary(name => name, Text);
        foreach (var (name, text) in modules)
        {
            foreach (Match import in Import().Matches(text))
            {
                var source = import.Groups["from"].Value;
                Assert.True(modules.ContainsKey(source), $"{name} imports {source}, which is not there");
                var exported = source is "htm.js" ? modules["standalone.module.js"] : modules[source];
                Assert.All(import.Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries), wanted => Assert.True(
                    Regex.IsMatch(exported, $@"export (async )?(function|const|class) {wanted}\b|\bas {wanted}[,}}]"), $"{name} imports {wanted} of {source}, which does not export it"));
            }
        }

        Assert.InRange(modules.Count, 10, 100);
    }

    [Fact]
    public void Files_OfTheHouse_LoadNothingFromElsewhere() => Assert.All(
        Names.Where(name => name is not ("standalone.module.js" or "uPlot.iife.min.js" or "uPlot.min.css" or "echarts.min.js")),
        name => Assert.DoesNotMatch("https?://|//cdn|eval\\(|innerHTML", Text(name)));

    private static IEnumerable<string> Names => typeof(LcnnSiloBuilder).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("dashboard/", StringComparison.Ordinal)).Select(name => name["dashboard/".Length..]);

    private static Stream Open(string name) => typeof(LcnnSiloBuilder).Assembly.GetManifestResourceStream($"dashboard/{name}")!;

    private static string Text(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"import \{ (?<names>[^}]+?),? \} from '\./(?<from>[^']+)'")]
    private static partial Regex Import();
}
