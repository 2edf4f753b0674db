using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Attacks, certificates and noise as people read them.</summary>
internal static class RobustnessTables
{
    /// <summary>What is certain of a network, name and value.</summary>
    public static IEnumerable<(string Name, string Value)> Pairs(CertificateFigures? certificate) => certificate is null ? [] :
    [
        ("certified", certificate.Covers),
        ("Lipschitz bound", $"{Format.Number(certificate.Lipschitz)} (logits, l2)"),
        ("Hessian bound", certificate.Obstacle is { } obstacle ? $"none: {obstacle}" : $"{Format.Number(certificate.LossHessian)} (loss), {Format.Number(certificate.LogitHessian)} (logits)"),
        .. certificate.Loosest.Count == 0 || certificate.Obstacle is not null ? Array.Empty<(string, string)>()
            : [("loosest layers", string.Join(", ", certificate.Loosest.Take(3).Select(layer => $"{layer.Path} {Format.Percent(layer.Share)}")))],
        ("certified radius", $"median {Format.Number(certificate.MedianRadius)}, largest {Format.Number(certificate.LargestRadius)} (by curvature {certificate.ByCurvature} of {certificate.Samples})"),
    ];

    /// <summary>A heading and a table for noise, and for attacks and certificates together.</summary>
    public static IEnumerable<IRenderable> Tables(RobustnessFigures figures) => Figures(figures).SelectMany(table => (IEnumerable<IRenderable>)[new Text(table.Heading), Render(table)]);

    /// <summary>The same for whatever shows it.</summary>
    public static IEnumerable<FigureTable> Figures(RobustnessFigures figures)
    {
        if (figures.Noise is { } noise)
        {
            yield return OfNoise(noise);
        }

        if (figures.Attacks is not null || figures.Certificate is not null)
        {
            yield return OfEpsilons(figures);
        }
    }

    /// <summary>Signs that an attack's verdict may be worth little.</summary>
    public static IEnumerable<string> Warnings(RobustnessFigures figures) =>
        figures.Attacks?.Results.SelectMany(result => result.Flags.Select(flag => $"warning: {result.Attack}: {flag}")) ?? [];

    /// <summary>What cannot be if this program is right.</summary>
    public static IEnumerable<string> Errors(RobustnessFigures figures) => figures.Violations.Select(violation =>
        $"error: {violation.Attack} ({violation.FooledBy}) fooled test sample {violation.Sample} at an l2 distance of {Format.Number(violation.L2)}, "
        + $"within its certified radius of {Format.Number(violation.Radius)}: the attack or the certificate is wrong; please report it with the model");

    private static string Heading(RobustnessFigures figures) => figures.Attacks is { } attacks
        ? $"Accuracy within epsilon ({attacks.Norm}, {(attacks.IsClipped ? "pixels in [0, 1]" : "pixels of any value")}): {Format.Counted(attacks.Samples, "test sample")} attacked, seed {attacks.Seed}"
            + (attacks.Steps is { } steps ? $", {Format.Counted(steps, "step")}" : "") + (attacks.Restarts is > 1 and var restarts ? $", {restarts} restarts" : "")
            + (figures.Certificate is { } also && also.Samples != attacks.Samples ? $"; {Format.Counted(also.Samples, "test sample")} certified" : "")
        : $"Accuracy within epsilon (l2): {Format.Counted(figures.Certificate!.Samples, "test sample")}";

    private static FigureTable OfEpsilons(RobustnessFigures figures)
    {
        var (attacks, certificate) = (figures.Attacks, figures.Certificate);
        var columns = new List<(string Name, double Clean, IReadOnlyList<double> At)>();
        columns.AddRange(attacks?.Results.Select(result => (result.Attack, attacks.CleanAccuracy, (IReadOnlyList<double>)[.. result.At.Select(at => at.RobustAccuracy)])) ?? []);
        if (attacks?.Results.Count > 1)
        {
            columns.Add(("all attacks", attacks.CleanAccuracy, [.. attacks.Together.Select(at => at.RobustAccuracy)]));
        }

        if (certificate is not null)
        {
            columns.Add(("certified", double.NaN, [.. certificate.At.Select(at => at.Accuracy)]));
        }

        var epsilons = attacks?.Together.Select(at => at.Epsilon) ?? certificate!.At.Select(at => at.Epsilon);
        IEnumerable<IReadOnlyList<string>> clean = attacks is null ? [] : [["0", .. columns.Select(column => Format.Percent(column.Clean))]];
        return new FigureTable(Heading(figures), ["epsilon", .. columns.Select(column => column.Name)],
        [
            .. clean,
            .. epsilons.Select((epsilon, row) => (IReadOnlyList<string>)[epsilon.ToString("0.#####", CultureInfo.InvariantCulture), .. columns.Select(column => Format.Percent(column.At[row]))]),
        ]);
    }

    private static FigureTable OfNoise(NoiseFigures noise) => new(
        $"Gradients under noise: {Format.Counted(noise.Samples, "test sample")}, {Format.Counted(noise.Draws, "draw")}, seed {noise.Seed}",
        ["noise norm", "relative change", "median", "90 %", "cosine", "top 10 % kept", "max-sensitivity", "certified at most", "exp(C |e|) - 1"],
        [
            .. noise.At.Select(at => (IReadOnlyList<string>)
            [
                Format.Number(at.NoiseNorm), Format.Number(at.RelativeChange), Format.Number(at.MedianChange), Format.Number(at.NinthDecile), Format.Number(at.Cosine),
                Format.Percent(at.TopOverlap), Format.Number(at.MaxSensitivity), Format.Number(at.CertifiedChange), Format.Number(at.CurvatureEstimate),
            ]),
        ]);

    private static Table Render(FigureTable figures)
    {
        var table = new Table().Border(TableBorder.Minimal);
        figures.Columns.ToList().ForEach(name => table.AddColumn(name));
        figures.Rows.ToList().ForEach(row => table.AddRow(row.Select(cell => new Text(cell))));
        return table;
    }
}
