using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Grains.Robustness;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Attacks;
using Lcnn.Distributed.UnitTests.Golden;
using Lcnn.Distributed.UnitTests.Training;

namespace Lcnn.Distributed.UnitTests.Robustness;

public sealed class RobustnessPlanTests
{
    private static readonly RobustnessPlan _plan = new()
    {
        Attacks = ["pgd", "autoattack"],
        AttackSamples = 30,
        Epsilons = [0.2, 0.5],
        Effort = new AttackEffort(3, 1),
        CertifiedSamples = 40,
        NoisySamples = 30,
        NoiseNorms = [0.1],
        Draws = 2,
        Seed = 5,
    };

    [Fact]
    public void Measure_AnyThreadsAndOrderOfParts_GivesTheSameFigures()
    {
        using var trained = new Trained();
        using var subject = new RobustnessSubject(_plan, trained.Network, trained.Layers, trained.Images);
        var work = _plan.Parts.ToDictionary(part => part, _ => 0.0);

        RobustnessResults[] results = [.. new[] { 1, 3 }.Select(count =>
        {
            using var threads = new ComputeThreads(count, "robust");
            return RobustnessResults.Measure(_plan, subject, threads, count > 1 ? null : (part, done) => work[part] += done);
        })];
        var backwards = RobustnessResults.Of(_plan, [.. _plan.Parts.Reverse().Select(part => subject.Measure(part))]);

        Assert.All(new[] { results[1], backwards }, other =>
        {
            Assert.Equal(results[0].Attacks, other.Attacks);
            Assert.Equal(results[0].Certificates, other.Certificates);
            Assert.Equal(results[0].Noise, other.Noise);
            Assert.Equal(Csv(results[0]), Csv(other));
        });
        Assert.All(_plan.Parts, part => Assert.Equal(_plan.MostWork(part, SmallNetwork.Classes), work[part], 1e-6));
        var figures = RobustnessSummary.Of(_plan, subject, results[0], SmallNetwork.Classes, []);
        Assert.Empty(figures.Violations);
        Assert.Equal((30, 40, 30), (figures.Attacks!.Samples, figures.Certificate!.Samples, figures.Noise!.Samples));
        Assert.Contains(figures.Attacks.Results[1].Flags, flag => flag.Contains("3 targets", StringComparison.Ordinal));
        Assert.True(figures.Noise.At[0].CertifiedChange >= figures.Noise.At[0].RelativeChange);
    }

    [Fact]
    public void Measure_ALargerEpsilon_HasTheImageThatFooledWithinTheSmaller()
    {
        using var one = new OneThread();
        using var trained = new Trained();
        var plan = _plan with { CertifiedSamples = 0, NoiseNorms = [], Attacks = ["pgd"], AttackSamples = 60, Epsilons = [0.2, 0.4, 0.8] };
        using var subject = new RobustnessSubject(plan, trained.Network, trained.Layers, trained.Images);

        var attacks = RobustnessResults.Of(plan, [.. plan.Parts.Select(part => subject.Measure(part))]).Attacks[0];

        Assert.Contains(attacks[0], sample => sample.FooledBy is not null);
        Assert.Contains(attacks[2], sample => sample.FooledBy is not null && sample.L2 > 0.4);
        foreach (var (smaller, larger) in attacks[0].Zip(attacks[1]).Concat(attacks[1].Zip(attacks[2])))
        {
            Assert.True(smaller.FooledBy is null || larger == smaller);
        }

        // Whom nothing smaller fooled is attacked as if there were no smaller one.
        var alone = new AttackMeasurement(60, "pgd", new NormBall(AttackNorm.L2, 0.4, PixelRange.Any), plan.Seed, plan.Effort);
        var of = Enumerable.Range(0, alone.Batches).SelectMany(batch => alone.Measure(trained.Network, trained.Layers, trained.Images, null, batch)).ToList();
        Assert.All(attacks[0].Zip(attacks[1], of).Where(sample => sample.First.IsRobust), sample => Assert.Equal(sample.Third.FooledBy, sample.Second.FooledBy));
    }

    [Fact]
    public void Certificates_NormalisedData_AreInUnitsOfPixels()
    {
        using var one = new OneThread();
        using var trained = new Trained();
        var plan = _plan with { Attacks = [], NoiseNorms = [], CertifiedSamples = 20 };
        // What the network is given stays the same: 2 (v / 2 + 1 / 2) - 1 = v.
        var values = new float[60 * 128];
        trained.Images.Gather([.. Enumerable.Range(0, 60)], values);
        var halved = new FloatImages([.. values.Select(value => (value + 1) / 2)], trained.Images.Labels.ToArray(), 2, 8, 8, SmallNetwork.Classes, new PixelNormalization([0.5], [0.5]));
        using var plain = new RobustnessSubject(plan, trained.Network, trained.Layers, trained.Images);
        using var normalised = new RobustnessSubject(plan, trained.Network, trained.Layers, halved);

        var (before, after) = (plain.Measure(plan.Parts[0]).Certificates, normalised.Measure(plan.Parts[0]).Certificates);

        Assert.Contains(before, sample => sample.Radius > 0);
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First.Radius / 2, pair.Second.Radius, pair.First.Radius * 1e-4));
    }

    [Fact]
    public void Among_AnAttackWithinACertifiedRadius_IsAViolation()
    {
        var plan = _plan with { Attacks = ["pgd"], Epsilons = [0.5], AttackSamples = 2, CertifiedSamples = 2, NoiseNorms = [] };
        var results = RobustnessResults.Of(plan,
        [
            new RobustnessOutcome(plan.Parts[0]) { Certificates = [new(true, 0.3, 0.3, 0.1, 9, 1, 1), new(true, 0.3, 0.3, 0.1, 9, 1, 1)] },
            new RobustnessOutcome(plan.Parts[1]) { Attacks = [[new(true, "pgd-l2", 0.31, 0.1, false), new(true, "pgd-l2", 0.29, 0.1, false)]] },
        ]);

        Assert.Equal([new SandwichViolation(1, "pgd", "pgd-l2", 0.29, 0.3)], RobustnessSummary.ViolationsAmong(plan, results));
    }

    [Fact]
    public void Deal_AnyTakers_GivesEveryPartToOneAndNobodyMuchMoreThanAnother()
    {
        var plan = _plan with { AttackSamples = 360, CertifiedSamples = 360, NoisySamples = 110 };
        var most = plan.Parts.Max(part => plan.MostWork(part, SmallNetwork.Classes));

        Assert.All(Enumerable.Range(1, 5), takers =>
        {
            var hands = plan.Deal(takers, SmallNetwork.Classes);
            var work = hands.Select(hand => hand.Sum(part => plan.MostWork(part, SmallNetwork.Classes))).ToList();

            Assert.Equal(takers, hands.Count);
            Assert.Equal(plan.Parts.Order(Comparer), hands.SelectMany(hand => hand).Order(Comparer));
            Assert.InRange(work.Max() - work.Min(), 0, most);
        });
        Assert.Equal(12, plan.Deal(12 + plan.Parts.Count, SmallNetwork.Classes).Count(hand => hand.Count == 0));
    }

    private static Comparer<RobustnessPart> Comparer { get; } = Comparer<RobustnessPart>.Create((one, other) => (one.Kind, one.Number, one.Batch).CompareTo((other.Kind, other.Number, other.Batch)));

    [Fact]
    public void Of_OutcomesThatAreNotThePlans_AreRefused()
    {
        var plan = _plan with { Attacks = [], CertifiedSamples = 2, NoisySamples = 1 };
        RobustnessOutcome noise = new(plan.Parts[0]) { Noise = [new(0.2, 0.9, 0.8, 0.3)] }, certificate = new(plan.Parts[1]) { Certificates = [new(true, 1, 1, 1, 9, 2, 4), new(true, 1, 1, 1, 9, 2, 4)] };
        string Refusal(params RobustnessOutcome[] outcomes) => Assert.Throws<ArgumentException>(() => RobustnessResults.Of(plan, outcomes)).Message;

        Assert.Equal(2, RobustnessResults.Of(plan, [certificate, noise]).Certificates.Count);
        Assert.Contains("expected 2 parts, got 1", Refusal(noise), StringComparison.Ordinal);
        Assert.Contains("expected every part once, got no RobustnessPart { Kind = Certificate", Refusal(noise, noise), StringComparison.Ordinal);
        Assert.Contains("expected 2 samples of RobustnessPart { Kind = Certificate", Refusal(noise, certificate with { Certificates = [] }), StringComparison.Ordinal);
        Assert.Contains("expected 1 samples of RobustnessPart { Kind = Noise", Refusal(noise with { Certificates = certificate.Certificates }, certificate), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_WhatCannotBeMeasured_IsRefusedByName()
    {
        string Refusal(RobustnessPlan plan, int classes = 10) => Assert.Throws<ArgumentException>(() => plan.Check(classes)).Message;

        Assert.Contains("apgd-t wants 4 classes or more", Refusal(_plan with { Attacks = ["apgd-t"] }, classes: 3), StringComparison.Ordinal);
        Assert.Contains("pgd-authors is an attack in l2, got linf", Refusal(_plan with { Attacks = ["pgd-authors"], Norm = AttackNorm.Linf }), StringComparison.Ordinal);
        Assert.Contains("expected epsilons above 0", Refusal(_plan with { Epsilons = [0.2, 0.1] }), StringComparison.Ordinal);
        Assert.Contains("expected 8 parts, got 0", Assert.Throws<ArgumentException>(() => RobustnessResults.Of(_plan, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_EverySampleAndEpsilon_IsARow()
    {
        var plan = _plan with { Attacks = ["pgd"], Epsilons = [0.5], AttackSamples = 2, CertifiedSamples = 1, NoisySamples = 1 };
        var results = RobustnessResults.Of(plan,
        [
            new RobustnessOutcome(plan.Parts[0]) { Noise = [new(0.2, 0.9, 0.8, 0.3)] },
            new RobustnessOutcome(plan.Parts[1]) { Certificates = [new(true, 0.25, 0.25, 0.125, 9, 2, 4)] },
            new RobustnessOutcome(plan.Parts[2]) { Attacks = [[new(true, "pgd-l2", 0.5, 0.1, false), new(false, null, 0, 0, false)]] },
        ]);

        Assert.Equal(
        [
            "measure,attack,norm,epsilon,seed,sample,correct,holds,fooledBy,l2,linf,radius,curvatureRadius,lipschitzRadius,relativeChange,cosine,topOverlap,maxSensitivity,curvature,hessianNorm,gradNorm",
            "curvature,,,,,0,,,,,,,,,,,,,1.5,3,2",
            "noise,,l2,0.1,5,0,,,,,,,,,0.2,0.9,0.8,0.3,,,",
            "certificate,,l2,0.5,,0,true,false,,,,0.25,0.25,0.125,,,,,,,2",
            "attack,pgd,l2,0.5,5,0,true,false,pgd-l2,0.5,0.1,,,,,,,,,,",
            "attack,pgd,l2,0.5,5,1,false,false,,,,,,,,,,,,,",
        ], Csv(results, plan, [new SampleCurvature(1.5, 3, 2, 1, 1)]).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Csv(RobustnessResults results, RobustnessPlan? plan = null, IReadOnlyList<SampleCurvature>? curvature = null)
    {
        using var output = new StringWriter();
        EvaluationCsv.Write(new EvaluationSamples(plan ?? _plan, curvature ?? [], results), output);
        return output.ToString();
    }
}
