using System.Text.RegularExpressions;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.UnitTests.Kubernetes;

namespace Lcnn.Distributed.UnitTests.Silo;

/// <summary>What the dashboard's own modules say: to a compiler, and to whoever presses Start without changing anything.</summary>
public sealed partial class DashboardModulesTests
{
    // Names that are not there, calls with too much or too little, imports of nothing.
    [Fact]
    public async Task Modules_OfTheDashboard_AreOfSoundTypes()
    {
        var (code, output, error) = await ExternalTool.TypeScript.TryAsync("--project", Repository.PathOf("src", "Silo", "Dashboard", "tsconfig.json"));

        Assert.True(code == 0, output + error);
    }

    [Fact]
    public async Task Sweep_ThatThePageProposes_IsOne()
    {
        var proposed = await FirstAsync("sweeps.js");

        Assert.NotEmpty(SweepFile.Parse(proposed, "proposed", KnownNames.BuiltIn).Parameters);
    }

    private static async Task<string> FirstAsync(string module) =>
        First().Match(await File.ReadAllTextAsync(Repository.PathOf("src", "Silo", "Dashboard", "wwwroot", module), TestContext.Current.CancellationToken)).Groups["text"].Value.Replace("\\n", "\n", StringComparison.Ordinal);

    [GeneratedRegex("const FIRST = '(?<text>[^']+)'")]
    private static partial Regex First();
}
