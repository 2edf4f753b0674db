using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Evaluation;

namespace Lcnn.Distributed.Model.Robustness;

/// <summary>What is measured of a network beside accuracy and curvature. Cut into parts of a fixed size that any thread or worker may take: figures do not depend on who took which.</summary>
public sealed record RobustnessPlan
{
    /// <summary>Attacks, out of <see cref="AttackPlan.Names"/>; empty for none.</summary>
    public IReadOnlyList<string> Attacks { get; init; } = [];

    /// <summary>Test samples that are attacked, from the first on.</summary>
    public int AttackSamples { get; init; }

    /// <summary>How attacks measure their perturbations.</summary>
    public AttackNorm Norm { get; init; }

    /// <summary>Largest perturbations in units of pixels, ascending; those of certified accuracy, too.</summary>
    public IReadOnlyList<double> Epsilons { get; init; } = [];

    /// <summary>Steps and restarts of attacks, or null for the usual.</summary>
    public AttackEffort? Effort { get; init; }

    /// <summary>Test samples whose radii are certified, from the first on; 0 for none.</summary>
    public int CertifiedSamples { get; init; }

    /// <summary>Test samples whose gradients are compared with those under noise, from the first on; 0 for none.</summary>
    public int NoisySamples { get; init; }

    /// <summary>l2 norms of the noise, in units of what the network is given.</summary>
    public IReadOnlyList<double> NoiseNorms { get; init; } = [];

    /// <summary>Draws of noise for each sample.</summary>
    public int Draws { get; init; } = 10;

    /// <summary>Of all random numbers.</summary>
    public long Seed { get; init; }

    /// <summary>Everything there is to do, in order: noise, certificates, attacks.</summary>
    public IReadOnlyList<RobustnessPart> Parts =>
    [
        .. NoiseNorms.SelectMany((_, number) => PartsOf(RobustnessKind.Noise, number, NoisySamples)),
        .. PartsOf(RobustnessKind.Certificate, 0, CertifiedSamples),
        .. Attacks.SelectMany((_, number) => PartsOf(RobustnessKind.Attack, number, AttackSamples)),
    ];

    /// <summary>Samples of a part.</summary>
    public int CountOf(RobustnessPart part) => CutOf(part).CountOf(part.Batch);

    /// <summary>Samples of all parts of a kind with one number.</summary>
    public int SamplesOf(RobustnessKind kind) => kind switch
    {
        RobustnessKind.Noise => NoisySamples,
        RobustnessKind.Certificate => CertifiedSamples,
        _ => AttackSamples,
    };

    /// <summary>The plan without samples that a data set does not have.</summary>
    public RobustnessPlan Within(int samples) => this with
    {
        AttackSamples = Math.Min(AttackSamples, samples),
        CertifiedSamples = Math.Min(CertifiedSamples, samples),
        NoisySamples = Math.Min(NoisySamples, samples),
    };

    /// <summary>Passes through the network that a part takes at most.</summary>
    /// <param name="classes">Of the network.</param>
    public double MostWork(RobustnessPart part, int classes) => CountOf(part) * part.Kind switch
    {
        RobustnessKind.Noise => Classifier.WorkOfGradient * (1.0 + (2 * Draws)),
        RobustnessKind.Certificate => Classifier.WorkOfGradient * 2.0 * (classes + 2), // float64
        _ => 1 + Epsilons.Sum(epsilon => AttackPlan.Of(Attacks[part.Number], BallOf(epsilon, PixelRange.Unit), classes, Effort).Sum(attack => attack.MostWork)),
    };

    /// <summary>Whether it can be measured at all.</summary>
    /// <exception cref="ArgumentException">It cannot: an attack is unknown, or wants another norm or more classes.</exception>
    public void Check(int classes)
    {
        if (!Epsilons.Zip(Epsilons.Skip(1), (one, next) => one < next).All(ascends => ascends) || Epsilons.Any(epsilon => !(epsilon > 0 && double.IsFinite(epsilon))))
        {
            throw new ArgumentException($"expected epsilons above 0, each larger than the one before, got {string.Join(", ", Epsilons)}");
        }

        foreach (var name in Attacks)
        {
            AttackPlan.Of(name, BallOf(1, PixelRange.Unit), classes, Effort);
        }
    }

    /// <summary>Deals all parts out to takers, the most work first and each to who has the least: the same on every taker.</summary>
    /// <param name="classes">Of the network.</param>
    /// <returns>For each taker what it takes, in the order in which to measure it.</returns>
    public IReadOnlyList<IReadOnlyList<RobustnessPart>> Deal(int takers, int classes)
    {
        var hands = Enumerable.Range(0, takers).Select(_ => new List<RobustnessPart>()).ToList();
        var work = new double[takers];
        foreach (var (part, most) in Parts.Select(part => (part, MostWork(part, classes))).OrderByDescending(part => part.Item2))
        {
            var taker = Array.IndexOf(work, work.Min());
            hands[taker].Add(part);
            work[taker] += most;
        }

        return hands;
    }

    /// <summary>Names of the members of an attack, in order.</summary>
    public IReadOnlyList<string> MembersOf(string attack, int classes) => [.. AttackPlan.Of(attack, BallOf(1, PixelRange.Unit), classes, Effort).Select(member => member.Name)];

    /// <summary>Places of a part's samples in the data set.</summary>
    internal int[] PlacesOf(RobustnessPart part) => CutOf(part).PlacesOf(part.Batch);

    internal NormBall BallOf(double epsilon, PixelRange range) => new(Norm, epsilon, range);

    // Whether a part gave what the plan wants of it.
    internal bool Fits(RobustnessOutcome outcome)
    {
        var count = CountOf(outcome.Part);
        int Of(RobustnessKind kind) => outcome.Part.Kind == kind ? count : 0;
        return outcome.Noise.Count == Of(RobustnessKind.Noise) && outcome.Certificates.Count == Of(RobustnessKind.Certificate)
            && outcome.Attacks.Count == (outcome.Part.Kind == RobustnessKind.Attack ? Epsilons.Count : 0) && outcome.Attacks.All(samples => samples.Count == count);
    }

    private MeasuredBatches CutOf(RobustnessPart part) => new(SamplesOf(part.Kind));

    private static IEnumerable<RobustnessPart> PartsOf(RobustnessKind kind, int number, int samples) =>
        Enumerable.Range(0, new MeasuredBatches(samples).Count).Select(batch => new RobustnessPart(kind, number, batch));
}
