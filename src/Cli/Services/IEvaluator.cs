using System.Text.Json.Serialization;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Robustness;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Measures a trained network on its test set.</summary>
internal interface IEvaluator
{
    /// <exception cref="BadInputException">The snapshot or the data set cannot be read.</exception>
    Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken);
}

/// <summary>What of which snapshot to measure, and on how many samples.</summary>
/// <param name="Snapshot">Full path of a snapshot's or a run's folder, or of a model file.</param>
/// <param name="DataDirectory">Folder with the data set, or null for the usual places.</param>
/// <param name="TestLimit">Test samples used, 0 for all; null for as many as the run used.</param>
/// <param name="CurvatureSamples">Test samples whose curvature is measured; null for the network's default, 0 for none.</param>
/// <param name="BatchSize">Samples of one forward pass.</param>
/// <param name="Threads">Threads that compute.</param>
internal sealed record EvaluationRequest(string Snapshot, string? DataDirectory, int? TestLimit, int? CurvatureSamples, int BatchSize, int Threads)
{
    /// <summary>Name of the network; null for what the model or its snapshot says.</summary>
    public string? Architecture { get; init; }

    /// <summary>"cpu", or "cuda:" and the index.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The workers that measure; null for this process alone.</summary>
    public EvaluationPlace? Place { get; init; }

    /// <summary>Name of the data set; null for what the model or its snapshot says.</summary>
    public string? Dataset { get; init; }

    /// <summary>How images of one's own become samples.</summary>
    public ImageOverrides Images { get; init; } = new();

    /// <summary>Attacks, certificates and noise, as the evaluation of a run wants them.</summary>
    public RunSpec Robustness { get; init; } = new();

    /// <summary>Of attacks and noise; null for the run's.</summary>
    public long? Seed { get; init; }
}

/// <summary>What is measured at the moment, in this order.</summary>
internal enum EvaluationPhase
{
    Score,
    Curvature,
    Noise,
    Certificates,
    Attacks,

    /// <summary>The last three together, on workers.</summary>
    Robustness,
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Phase">What is measured.</param>
/// <param name="Share">Of its work that is done, 0..1.</param>
/// <param name="TotalSamples">Test samples to do.</param>
internal sealed record EvaluationProgress(EvaluationPhase Phase, double Share, int TotalSamples)
{
    /// <summary>Test samples done, more or less.</summary>
    public int Samples => (int)((TotalSamples * Share) + 1e-6);
}

/// <summary>What came out, under the names of the <c>completed</c> event.</summary>
internal sealed record EvaluationReport : Report
{
    protected override string Kind => "evaluation";
    public required string Snapshot { get; init; }
    public required string Dataset { get; init; }
    public required string Architecture { get; init; }
    /// <summary>Steps done; null when the model does not say.</summary>
    public long? Step { get; init; }
    public int TestSamples { get; init; }
    public double TestAccuracy { get; init; } = double.NaN;
    public double TestLoss { get; init; } = double.NaN;
    public double Curvature { get; init; } = double.NaN;
    public double HessianNorm { get; init; } = double.NaN;
    public double GradNorm { get; init; } = double.NaN;
    public double RayleighHessianNorm { get; init; } = double.NaN;
    public int CurvatureSamples { get; init; }
    public string WeightsSha256 { get; init; } = "";
    /// <summary>What the labels mean, by label; empty where nobody says.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];
    /// <summary>Of the network against attacks; null where it was not attacked.</summary>
    public AttackFigures? Attacks { get; init; }
    /// <summary>What is certain; null where nothing was certified.</summary>
    public CertificateFigures? Certificate { get; init; }
    /// <summary>How steady gradients are under noise; null where they were not compared.</summary>
    public NoiseFigures? Noise { get; init; }
    /// <summary>Attacks that succeeded within a certified radius: an error of this program.</summary>
    public IReadOnlyList<SandwichViolation> Violations { get; init; } = [];
    /// <summary>The last four together.</summary>
    [JsonIgnore] public RobustnessFigures Robustness => new(Attacks, Certificate, Noise, Violations);
    /// <summary>What the figures are of.</summary>
    [JsonIgnore] public EvaluationSamples? Samples { get; init; }
}

/// <summary>An evaluation sample by sample, in the data set's order.</summary>
/// <param name="Plan">What was measured, as it was.</param>
/// <param name="Curvature">Of the first samples; empty for none.</param>
/// <param name="Robustness">The rest; null for none.</param>
internal sealed record EvaluationSamples(RobustnessPlan Plan, IReadOnlyList<SampleCurvature> Curvature, RobustnessResults? Robustness);
