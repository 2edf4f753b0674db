using System.Text.RegularExpressions;
using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Cli.Reports;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Histories;

namespace Lcnn.Distributed.UnitTests.Cli.Export;

public sealed partial class RunHtmlReportTests
{
    private const string Hostile = "</script><script>document.title='owned'</script><img src=x onerror=\"alert(1)\">";

    [Fact]
    public void Write_HostileTexts_NeverBecomeMarkup()
    {
        var page = WithoutLibrary(Write([SampleRun.Of(Hostile)]));

        Assert.DoesNotContain("<script>document.title", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Contains("&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.Equal(3, Scripts().Count(page));
    }

    [Fact]
    public void Write_OneRun_HasEveryChartWithItsTableAndWhatWasFound()
    {
        var page = WithoutLibrary(Write([SampleRun.Of("a run")]));

        foreach (var id in new[] { "loss", "accuracy", "crossEntropy", "betaTerm", "gammaTerm", "learningRate", "samplesPerSecond", "betaByLayer", "gammaByLayer", "curvatureByLayer", "bound", "layers", "phases", "ranks", "rates" })
        {
            Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("id=\"gradientNorm\"", page, StringComparison.Ordinal); // the loss has no such term
        Assert.Contains("""{"name":"2.0.3","values":[400000,200000,133330,100000]}""", page, StringComparison.Ordinal); // rounded: pages stay small
        Assert.Matches("<h2>Step time by phase</h2>(.|\n)*>20<(.|\n)*>0.75<", page);
        Assert.Matches("<h2>Samples per second by rank</h2>(.|\n)*>40<", page);
        Assert.Contains("<h2>Confusion matrix</h2>", page, StringComparison.Ordinal);
        Assert.Contains("Surest and wrong", page, StringComparison.Ordinal);
        Assert.Contains("rank 1 was lost", page, StringComparison.Ordinal);
        Assert.Matches("<h2>How robust it is</h2>(.|\n)*72.00 %(.|\n)*25.00 %(.|\n)*loosest layers(.|\n)*warning: autoattack: a run", page);
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", page);
        Assert.InRange(Write([SampleRun.Of("a run")]).Length, 1, 2_000_000);
    }

    [Fact]
    public void Write_SeveralRuns_PutsThemBesideEachOther()
    {
        var page = WithoutLibrary(Write([SampleRun.Of("one"), SampleRun.Of("two") with { Found = null }]));

        Assert.Contains("<h2>Results</h2>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"col\">two</th>", page, StringComparison.Ordinal);
        Assert.Contains("id=\"beta\"", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("id=\"[a-z]+ByLayer\"", page);
        Assert.DoesNotContain("Confusion", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_RunWithoutAnything_SaysSo()
    {
        var page = Write([new ReportedRun("bare", "/runs/bare", new StoredHistory { RunId = "run-1", Events = [new RunFailed { Error = "no data" }] }, null)]);

        Assert.Contains("no data", page, StringComparison.Ordinal);
    }

    [Fact]
    public void LayerCurves_ActivationUsedTwiceAndEpochsWithoutLayers_HaveALineEach()
    {
        LayerShare Share(double curvature) => new("act", 1, 1, 1, 1, curvature, 0.5);

        var curves = LayerCurves.Of([new EpochCompleted { Epoch = 1 }, new EpochCompleted { Epoch = 2, CurvatureShares = [Share(1.234567), Share(2)], Layers = [new LayerSharpness("act", 3, null)] }]);

        Assert.Equal(["act", "act, use 2"], curves.Curvature.Select(layer => layer.Name));
        Assert.Equal([double.NaN, 1.2346], curves.Curvature[0].Values);
        Assert.Equal([double.NaN, 3], Assert.Single(curves.Beta).Values);
        Assert.Empty(curves.Gamma);
    }

    private static string Write(IReadOnlyList<ReportedRun> runs)
    {
        using var output = new StringWriter();
        RunHtmlReport.Write(runs, output);
        return output.ToString();
    }

    private static string WithoutLibrary(string page) => page.Replace(ReportAssets.ECharts, "", StringComparison.Ordinal);

    [GeneratedRegex("<script")]
    private static partial Regex Scripts();
}
