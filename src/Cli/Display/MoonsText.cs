using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Demonstrations;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>A network on two moons as a picture of letters: what it says of each place, and the points it learned from.</summary>
internal static class MoonsText
{
    private const int Columns = 76;
    private const int Lines = 24;

    // From surely class 0 to surely class 1.
    private const string Shades = " .:+#";

    /// <summary>The lines of the picture.</summary>
    public static string Draw(MoonsReport report, MoonsFigures network)
    {
        var letters = new char[Lines, Columns];
        for (var line = 0; line < Lines; line++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var place = (((line * report.Fine.Height) + (report.Fine.Height / 2)) / Lines * report.Fine.Width) + (((column * report.Fine.Width) + (report.Fine.Width / 2)) / Columns);
                letters[line, column] = Shades[(int)Math.Clamp(network.Shares[place] * Shades.Length, 0, Shades.Length - 1)];
            }
        }

        foreach (var (x, y, label) in PointsOf(report))
        {
            letters[(int)Math.Clamp(y * Lines, 0, Lines - 1), (int)Math.Clamp(x * Columns, 0, Columns - 1)] = label == 0 ? 'o' : 'x';
        }

        return string.Join('\n', Enumerable.Range(0, Lines).Select(line => string.Concat(Enumerable.Range(0, Columns).Select(column => letters[line, column])).TrimEnd()));
    }

    /// <summary>The points as shares of the picture's width and height, from its left and its top.</summary>
    public static IEnumerable<(double X, double Y, int Label)> PointsOf(MoonsReport report)
    {
        var points_N2 = new float[report.Points.Count * 2];
        report.Points.Gather([.. Enumerable.Range(0, report.Points.Count)], points_N2);
        var (left, right, bottom, top) = PlaneGrid.Bounds;
        return Enumerable.Range(0, report.Points.Count).Select(place =>
            ((points_N2[2 * place] - left) / (right - left), (top - points_N2[(2 * place) + 1]) / (top - bottom), report.Points.Labels[place])).ToArray();
    }
}
