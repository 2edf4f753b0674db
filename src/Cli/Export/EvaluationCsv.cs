using System.Globalization;
using CsvHelper;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Stability;

namespace Lcnn.Distributed.Cli.Export;

/// <summary>An evaluation sample by sample: a row for each sample and each thing that was measured of it, for each epsilon; what a row does not have is left empty.</summary>
internal static class EvaluationCsv
{
    private static readonly string[] _columns =
    [
        "measure", "attack", "norm", "epsilon", "seed", "sample", "correct", "holds", "fooledBy", "l2", "linf", "radius", "curvatureRadius", "lipschitzRadius",
        "relativeChange", "cosine", "topOverlap", "maxSensitivity", "curvature", "hessianNorm", "gradNorm",
    ];

    /// <summary>Writes the header and the rows: curvature, noise, certificates, attacks.</summary>
    public static void Write(EvaluationSamples samples, TextWriter output)
    {
        using var csv = new CsvWriter(output, CultureInfo.InvariantCulture, leaveOpen: true);
        CsvRow.Write(csv, _columns);
        foreach (var row in Rows(samples))
        {
            CsvRow.Write(csv, _columns.Select(row.GetValueOrDefault));
        }
    }

    private static IEnumerable<Dictionary<string, string?>> Rows(EvaluationSamples samples)
    {
        var curvature = samples.Curvature.Select((sample, place) => Row("curvature", place, null, Of(sample)));
        if (samples.Robustness is not { } results)
        {
            return curvature;
        }

        var plan = samples.Plan;
        var seed = plan.Seed.ToString(CultureInfo.InvariantCulture);
        var noise = plan.NoiseNorms.Zip(results.Noise).SelectMany(of => of.Second.Select((sample, place) =>
            Row("noise", place, of.First, [("norm", "l2"), ("seed", seed), .. Of(sample)])));
        var certificates = plan.Epsilons.SelectMany(epsilon => results.Certificates.Select((sample, place) =>
            Row("certificate", place, epsilon, [("norm", "l2"), .. Of(sample, epsilon)])));
        var norm = plan.Norm == AttackNorm.L2 ? "l2" : "linf";
        var attacks = plan.Attacks.Zip(results.Attacks).SelectMany(attack => plan.Epsilons.Zip(attack.Second).SelectMany(at => at.Second.Select((sample, place) =>
            Row("attack", place, at.First, [("attack", attack.First), ("norm", norm), ("seed", seed), .. Of(sample)]))));
        return curvature.Concat(noise).Concat(certificates).Concat(attacks);
    }

    private static Dictionary<string, string?> Row(string measure, int sample, double? epsilon, IEnumerable<(string Name, string? Value)> fields) =>
        fields.Concat([("measure", measure), ("sample", sample.ToString(CultureInfo.InvariantCulture)), ("epsilon", epsilon is { } size ? CsvRow.Number(size) : null)])
            .ToDictionary(field => field.Item1, field => field.Item2);

    private static IEnumerable<(string, string?)> Of(SampleCurvature sample) =>
        [("curvature", CsvRow.Number(sample.Curvature)), ("hessianNorm", CsvRow.Number(sample.HessianNorm)), ("gradNorm", CsvRow.Number(sample.GradientNorm))];

    private static IEnumerable<(string, string?)> Of(SampleStability sample) =>
    [
        ("relativeChange", CsvRow.Number(sample.RelativeChange)), ("cosine", CsvRow.Number(sample.Cosine)),
        ("topOverlap", CsvRow.Number(sample.TopOverlap)), ("maxSensitivity", CsvRow.Number(sample.MaxSensitivity)),
    ];

    private static IEnumerable<(string, string?)> Of(SampleCertificate sample, double epsilon) =>
    [
        ("correct", Truth(sample.IsCorrect)), ("holds", Truth(sample.IsCorrect && sample.Radius >= epsilon)), ("radius", CsvRow.Number(sample.Radius)),
        ("curvatureRadius", CsvRow.Number(sample.CurvatureRadius)), ("lipschitzRadius", CsvRow.Number(sample.LipschitzRadius)), ("gradNorm", CsvRow.Number(sample.GradientNorm)),
    ];

    private static IEnumerable<(string, string?)> Of(SampleAttack sample) =>
    [
        ("correct", Truth(sample.IsCorrect)), ("holds", Truth(sample.IsRobust)), ("fooledBy", sample.FooledBy),
        ("l2", sample.FooledBy is null ? null : CsvRow.Number(sample.L2)), ("linf", sample.FooledBy is null ? null : CsvRow.Number(sample.Linf)),
    ];

    private static string Truth(bool value) => value ? "true" : "false";
}
