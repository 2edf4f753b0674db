using System.Text.Json;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class TinyNetworkGoldenTests
{
    [Theory]
    [MemberData(nameof(GoldenFolder.CasesInBothForms), GoldenFolder.Network, MemberType = typeof(GoldenFolder))]
    public void Forward_TrainAndEval_HasTheReferencesLogits(string name, Form form)
    {
        using var one = new OneThread();
        var tiny = new TinyNetwork(name);
        var report = new GoldenReport();

        using (var training = tiny.Start("ce", form))
        {
            report.Check("fwd.logits_eval", training.Evaluate(tiny.Golden["x"][0]), tiny.Golden.Stored("fwd.logits_eval"), Tolerance.Network);
            report.Check("fwd.logits_train", training.Train(tiny.Golden["x"][0]), tiny.Golden.Stored("fwd.logits_train"), Tolerance.Network);
        }

        report.AssertWithinTolerance();
    }

    [Theory]
    [MemberData(nameof(GoldenFolder.CasesInBothForms), GoldenFolder.Network, MemberType = typeof(GoldenFolder))]
    public void Loss_OfEveryKind_HasTheReferencesPartsAndGradients(string name, Form form)
    {
        using var one = new OneThread();
        var tiny = new TinyNetwork(name);
        var report = new GoldenReport();

        foreach (var loss in tiny.Losses)
        {
            using var training = tiny.Start(loss, form);
            var (terms, gradients) = training.Differentiate(tiny.Golden["x"][0], tiny.Golden["y"][0]);

            foreach (var part in tiny.Scalars.GetProperty("losses").GetProperty(loss).EnumerateObject())
            {
                if (part.Value.ValueKind == JsonValueKind.Number)
                {
                    var (actual, tolerance) = Part(part.Name, terms);
                    report.Check($"{loss}.{part.Name}", actual, part.Value.GetDouble(), tolerance);
                }
            }

            Assert.Equal(tiny.Golden.Under($"grad.{loss}.").Order(), gradients.Keys.Order());
            foreach (var (key, gradient) in gradients)
            {
                report.Check($"grad.{loss}.{key}", gradient, tiny.Golden.Stored($"grad.{loss}.{key}"), Tolerance.Network);
            }
        }

        report.AssertWithinTolerance();
    }

    private static (double Actual, Tolerance Tolerance) Part(string name, StepTerms terms) => name switch
    {
        "raw_loss" => (terms.CrossEntropy, Tolerance.Network),
        "total" => (terms.Loss, Tolerance.Network),
        "beta_term" => (terms.BetaTerm, Tolerance.Term),
        "gamma_term" => (terms.GammaTerm, Tolerance.Term),
        "gradnorm" => (terms.GradientNorm, Tolerance.Term),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such part of a loss"),
    };
}
