using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>An evaluation as people read it.</summary>
internal static class EvaluationTables
{
    /// <summary>What was measured, a table each.</summary>
    public static IRenderable Create(EvaluationReport report) => new Rows(
        [ReportWriter.Pairs([.. General(report), .. RobustnessTables.Pairs(report.Certificate)]), .. RobustnessTables.Tables(report.Robustness)]);

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
}
