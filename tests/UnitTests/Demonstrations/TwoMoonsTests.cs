using System.Text.RegularExpressions;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Cli.Hosting;
using Lcnn.Distributed.Model.Demonstrations;

namespace Lcnn.Distributed.UnitTests.Demonstrations;

public sealed class TwoMoonsTests
{
    private static readonly PlaneGrid _grid = new(22, 16);

    [Fact]
    public void Points_WithoutNoise_LieOnTheTwoHalfCircles()
    {
        var moons = TwoMoons.Create(11, noise: 0, seed: 1);
        var points = new float[22];
        moons.Gather([.. Enumerable.Range(0, 11)], points);

        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0], moons.Labels.ToArray());
        Assert.All(Enumerable.Range(0, 11), place =>
        {
            var (x, y) = moons.Labels[place] == 0 ? (points[2 * place], points[(2 * place) + 1]) : (1 - points[2 * place], 0.5f - points[(2 * place) + 1]);
            Assert.Equal(1, (x * x) + (y * y), 1e-5);
            Assert.True(y >= -1e-6);
        });
    }

    [Fact]
    public void Points_OfOneSeed_AreTheSameAgain()
    {
        Assert.Equal(TwoMoons.Create(50, 0.1, 3).Sha256, TwoMoons.Create(50, 0.1, 3).Sha256);
        Assert.NotEqual(TwoMoons.Create(50, 0.1, 3).Sha256, TwoMoons.Create(50, 0.1, 4).Sha256);
    }

    [Theory]
    [InlineData(1729)]
    [InlineData(7)]
    public void Demonstration_OfTheDefaults_HasALowerCurvatureInTheLcnn(long seed)
    {
        var demonstration = new TwoMoonsDemonstration(200, 0.1, seed);

        var (standard, lcnn) = (Run(demonstration, "standard"), Run(demonstration, "lcnn"));

        Assert.True(lcnn.Mean.Curvature < standard.Mean.Curvature, $"standard {standard.Mean.Curvature}, lcnn {lcnn.Mean.Curvature}");
        Assert.All([standard, lcnn], network => Assert.True(network.Accuracy > 0.95, $"{network.Style} {network.Accuracy}"));
        Assert.Equal(lcnn.Curvatures, Run(demonstration, "lcnn").Curvatures);
    }

    [Fact]
    public async Task Page_OfTheDemonstration_IsSelfContainedAndHasNoScript()
    {
        var report = await new MoonsRunner().RunAsync(new TwoMoonsDemonstration(20, 0.1, 5), TestContext.Current.CancellationToken);

        using var output = new StringWriter();
        MoonsHtmlReport.Write(report, output);

        var page = output.ToString();
        Assert.Contains("script-src &#x27;none&#x27;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", page);
        Assert.Equal((4, 2 * 2 * 20), (Regex.Count(page, "<svg role=\"img\" aria-label=\"[^\"]+\""), Regex.Count(page, "<circle")));
        Assert.All(report.Networks, network => Assert.Equal(24, MoonsText.Draw(report, network).Split('\n').Length));
    }

    private static MoonsFigures Run(TwoMoonsDemonstration demonstration, string style) => demonstration.Run(style, _grid, _grid, TestContext.Current.CancellationToken);
}
