using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Data.Summaries;
using Lcnn.Distributed.Model.Demonstrations;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>Networks on two moons as one HTML file without a script: decision boundaries, and curvature on one scale for all.</summary>
internal static class MoonsHtmlReport
{
    private const double Flattest = 1e-2; // of the scale; less is drawn as this

    /// <summary>Writes the whole page.</summary>
    public static void Write(MoonsReport report, TextWriter output)
    {
        var (given, steepest) = (report.Demonstration, report.Networks.SelectMany(network => network.Curvatures).Where(double.IsFinite).Append(10 * Flattest).Max());
        const string Title = "Two moons: a standard network and an LCNN";
        var cards = HtmlText.Join(report.Networks.Select(network => Card(report, network, steepest)));
        output.Write(HtmlPage.Of(Title, HtmlText.Of($"""
            <header><h1>{Title}</h1><p>{Format.Counted(given.Samples, "training point")}, noise {Format.Number(given.Noise)}, seed {given.Seed.ToString(CultureInfo.InvariantCulture)}; the two networks differ in the style of their layers alone</p></header>
            <main>
            {cards}
            </main>
            <footer>lcnn demo two-moons. Curvature: normalised, of the likelier class' cross-entropy, from {Format.Number(Flattest)} (dark) to {Format.Number(steepest)} (bright), logarithmic, the same scale for all; means are over fresh points.</footer>
            """)).Markup);
    }

    private static HtmlText Card(MoonsReport report, MoonsFigures network, double steepest) => HtmlText.Of($"""
        <section class="card moons"><h2>{network.Style}</h2>
        <figure>{Picture(report, report.Fine, Boundary(report.Fine, network), $"decision boundary of {network.Style}")}<figcaption>what the network says, and the training points; black: its decision boundary</figcaption></figure>
        <figure>{Picture(report, report.Coarse, Landscape(report.Coarse, network, steepest), $"curvature of {network.Style}, {Format.Number(network.Mean.Curvature)} in the mean")}<figcaption>curvature</figcaption></figure>
        <div class="facts"><table>{Figures(network)}</table></div></section>

        """);

    private static HtmlText Figures(MoonsFigures network) => HtmlText.Join(new (string Name, string Value)[]
    {
        ("test accuracy", Format.Percent(network.Accuracy)), ("curvature", Format.Number(network.Mean.Curvature)),
        ("Hessian norm", Format.Number(network.Mean.HessianNorm)), ("gradient norm", Format.Number(network.Mean.GradientNorm)),
    }.Select(pair => HtmlText.Of($"<tr><th scope=\"row\">{pair.Name}</th><td>{pair.Value}</td></tr>")));

    private static HtmlText Picture(MoonsReport report, PlaneGrid grid, byte[] png, string label)
    {
        var points = HtmlText.Join(MoonsText.PointsOf(report).Select(point => HtmlText.Of(
            $"<circle class=\"class-{point.Label}\" cx=\"{Length(1000 * point.X)}\" cy=\"{Length(1000 * point.Y * grid.Height / grid.Width)}\" r=\"6\"/>")));
        return HtmlText.Of($"<svg role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 1000 {Length(1000.0 * grid.Height / grid.Width)}\"><image width=\"1000\" height=\"{Length(1000.0 * grid.Height / grid.Width)}\" preserveAspectRatio=\"none\" href=\"data:image/png;base64,{Convert.ToBase64String(png)}\"/>{points}</svg>");
    }

    private static string Length(double length) => length.ToString("0.##", CultureInfo.InvariantCulture);

    // Blue is class 0 and orange class 1; the boundary is where a neighbour to the right or below is of the other class.
    private static byte[] Boundary(PlaneGrid grid, MoonsFigures network)
    {
        bool IsOther(int place, int neighbour) => neighbour < grid.Width * grid.Height && network.Shares[place] > 0.5 != network.Shares[neighbour] > 0.5;
        return ImagePng.Draw(grid.Height, grid.Width, place =>
            ((place + 1) % grid.Width != 0 && IsOther(place, place + 1)) || IsOther(place, place + grid.Width) ? ((byte)20, (byte)20, (byte)20) : Between(network.Shares[place]));
    }

    private static (byte, byte, byte) Between(double share) => share < 0.5
        ? Mix((47, 111, 222), (248, 248, 248), 2 * share)
        : Mix((248, 248, 248), (226, 110, 30), (2 * share) - 1);

    private static byte[] Landscape(PlaneGrid grid, MoonsFigures network, double steepest) => ImagePng.Draw(grid.Height, grid.Width, place =>
    {
        var share = Math.Log(Math.Max(network.Curvatures[place], Flattest) / Flattest) / Math.Log(steepest / Flattest);
        return share < 0.5 ? Mix((18, 14, 50), (170, 40, 110), 2 * share) : Mix((170, 40, 110), (255, 236, 150), (2 * share) - 1);
    });

    private static (byte, byte, byte) Mix((int R, int G, int B) from, (int R, int G, int B) to, double share)
    {
        byte One(int low, int high) => (byte)Math.Round(low + ((high - low) * (double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0)));
        return (One(from.R, to.R), One(from.G, to.G), One(from.B, to.B));
    }
}
