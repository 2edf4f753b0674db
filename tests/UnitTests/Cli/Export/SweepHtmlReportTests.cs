using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Export.Html;

namespace Lcnn.Distributed.UnitTests.Cli.Export;

public sealed partial class SweepHtmlReportTests
{
    // As recorded in src/Cli/Export/Html/echarts/README.md.
    private const string EChartsSha256 = "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0";

    [Fact]
    public void Write_HostileTexts_NeverBecomeMarkup()
    {
        var page = WithoutLibrary(Write(SampleSweep.Export(24)));

        Assert.DoesNotContain("<script>document.title", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>of</b>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;/script&gt;&lt;script&gt;document.title", page, StringComparison.Ordinal);
        Assert.Equal(3, Scripts().Count(page));
    }

    [Fact]
    public void Write_Page_LoadsNothingAndAllowsItsOwnScriptsAlone()
    {
        var page = Write(SampleSweep.Export(6));

        Assert.DoesNotMatch("(src|href)=\"(?!data:)", WithoutLibrary(page));
        var inlined = Scripts().Matches(page).Where(match => match.Groups["kind"].Value.Length == 0).Select(match => match.Groups["text"].Value).ToArray();
        Assert.Equal(2, inlined.Length);
        Assert.All(inlined, script => Assert.Contains(
            $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}", page.Replace("&#x2B;", "+", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void Write_Charts_HaveTheirNumbersInTheDataBlock()
    {
        var data = Scripts().Matches(Write(SampleSweep.Export(24))).Single(match => match.Groups["kind"].Value.Length > 0).Groups["text"].Value;

        using var content = JsonDocument.Parse(data);
        Assert.Equal(24, content.RootElement.GetProperty("trials").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, content.RootElement.GetProperty("trials")[23].GetProperty("goals")[0].ValueKind);
    }

    [Theory]
    [InlineData(0, "no trial has a result")]
    [InlineData(1, "1 completed")]
    [InlineData(24, "19 completed, 4 stopped, 1 failed")]
    public void Write_AnyNumberOfTrials_TellsWhatThereIs(int trials, string expected)
    {
        var page = Write(SampleSweep.Export(trials));

        Assert.Contains(expected, page, StringComparison.Ordinal);
        Assert.Equal(trials, Regex.Count(page, "<td data-sort=\"(completed|stopped|failed)\">"));
    }

    [Fact]
    public void ECharts_Embedded_IsTheReleaseThatItsReadmeNames() =>
        Assert.Equal(EChartsSha256, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ReportAssets.ECharts))));

    private static string Write(SweepExport export)
    {
        using var output = new StringWriter();
        SweepHtmlReport.Write(export, output);
        return output.ToString();
    }

    private static string WithoutLibrary(string page) => page.Replace(ReportAssets.ECharts, "", StringComparison.Ordinal);

    [GeneratedRegex("<script(?<kind> [^>]*)?>(?<text>.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Scripts();
}
