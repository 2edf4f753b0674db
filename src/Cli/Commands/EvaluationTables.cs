using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>An evaluation as people read it.</summary>
internal static class EvaluationTables
{
    /// <summary>What was measured, a table each.</summary>
    public static IRenderable Create(EvaluationReport report)
    {
        var blocks = new List<IRenderable> { ReportWriter.Pairs([.. General(report), .. report.Certificate is { } certificate ? OfCertificate(certificate) : []]) };
        if (report.Noise is { } noise)
        {
            blocks.Add(new Text($"Gradients under noise: {Format.Counted(noise.Samples, "test sample")}, {Format.Counted(noise.Draws, "draw")}, seed {noise.Seed}"));
            blocks.Add(OfNoise(noise));
        }

        if (report.Attacks is not null || report.Certificate is not null)
        {
            blocks.Add(new Text(Heading(report)));
            blocks.Add(OfEpsilons(report));
        }

        return new Rows(blocks);
    }

    private static IEnumerable<(string, string)> General(EvaluationReport report) =>
    [
        ("snapshot", report.Snapshot),
        ("network", $"{report.Architecture}, {(report.Step is { } step ? Format.Counted(step, "step") : "its steps are not known")}"),
        ("data set", $"{report.Dataset}, {Format.Counted(report.TestSamples, "test sample")}"),
        ("test accuracy", $"{Format.Percent(report.TestAccuracy)} (loss {Format.Number(report.TestLoss)})"),
        ("curvature", $"{Format.Number(report.Curvature)} ({Format.Counted(report.CurvatureSamples, "test sample")})"),
        ("hessian norm", Format.Number(report.HessianNorm)),
        ("gradient norm", Format.Number(report.GradNorm)),
        ("weightsSha256", report.WeightsSha256),
    ];

    private static IEnumerable<(string, string)> OfCertificate(CertificateFigures certificate) =>
    [
        ("certified", certificate.Covers),
        ("Lipschitz bound", $"{Format.Number(certificate.Lipschitz)} (logits, l2)"),
        ("Hessian bound", certificate.Obstacle is { } obstacle ? $"none: {obstacle}" : $"{Format.Number(certificate.LossHessian)} (loss), {Format.Number(certificate.LogitHessian)} (logits)"),
        .. certificate.Loosest.Count == 0 || certificate.Obstacle is not null ? Array.Empty<(string, string)>()
            : [("loosest layers", string.Join(", ", certificate.Loosest.Take(3).Select(layer => $"{layer.Path} {Format.Percent(layer.Share)}")))],
        ("certified radius", $"median {Format.Number(certificate.MedianRadius)}, largest {Format.Number(certificate.LargestRadius)} (by curvature {certificate.ByCurvature} of {certificate.Samples})"),
    ];

    private static string Heading(EvaluationReport report) => report.Attacks is { } attacks
        ? $"Accuracy within epsilon ({attacks.Norm}, {(attacks.IsClipped ? "pixels in [0, 1]" : "pixels of any value")}): {Format.Counted(attacks.Samples, "test sample")} attacked, seed {attacks.Seed}"
            + (attacks.Steps is { } steps ? $", {Format.Counted(steps, "step")}" : "") + (attacks.Restarts is > 1 and var restarts ? $", {restarts} restarts" : "")
            + (report.Certificate is { } also && also.Samples != attacks.Samples ? $"; {Format.Counted(also.Samples, "test sample")} certified" : "")
        : $"Accuracy within epsilon (l2): {Format.Counted(report.Certificate!.Samples, "test sample")}";

    private static Table OfEpsilons(EvaluationReport report)
    {
        var (attacks, certificate) = (report.Attacks, report.Certificate);
        var table = new Table().Border(TableBorder.Minimal).AddColumn("epsilon");
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

        columns.ForEach(column => table.AddColumn(column.Name));
        var epsilons = attacks?.Together.Select(at => at.Epsilon) ?? certificate!.At.Select(at => at.Epsilon);
        if (attacks is not null)
        {
            table.AddRow([new Text("0"), .. columns.Select(column => new Text(Format.Percent(column.Clean)))]);
        }

        foreach (var (row, epsilon) in epsilons.Index())
        {
            table.AddRow([new Text(epsilon.ToString("0.#####", CultureInfo.InvariantCulture)), .. columns.Select(column => new Text(Format.Percent(column.At[row])))]);
        }

        return table;
    }

    private static Table OfNoise(NoiseFigures noise)
    {
        var table = new Table().Border(TableBorder.Minimal)
            .AddColumns("noise norm", "relative change", "median", "90 %", "cosine", "top 10 % kept", "max-sensitivity", "certified at most", "exp(C |e|) - 1");
        foreach (var at in noise.At)
        {
            table.AddRow(
                Format.Number(at.NoiseNorm), Format.Number(at.RelativeChange), Format.Number(at.MedianChange), Format.Number(at.NinthDecile), Format.Number(at.Cosine),
                Format.Percent(at.TopOverlap), Format.Number(at.MaxSensitivity), Format.Number(at.CertifiedChange), Format.Number(at.CurvatureEstimate));
        }

        return table;
    }
}
