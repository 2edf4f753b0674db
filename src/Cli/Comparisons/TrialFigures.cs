using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Comparisons;

/// <summary>One trained network of a comparison and what was measured of it; NaN and empty where nothing was.</summary>
internal sealed record TrialFigures
{
    /// <summary>The trial's number in its sweep.</summary>
    public required int Number { get; init; }

    /// <summary>The method it was trained by.</summary>
    public required string Method { get; init; }

    /// <summary>Root of its random draws.</summary>
    public long Seed { get; init; }

    /// <summary>Where it stands.</summary>
    public TrialState State { get; init; }

    /// <summary>Why it has no result, or none of an end; null where it was trained to its end.</summary>
    public string? Error { get; init; }

    /// <summary>Share of the test set classified rightly, 0..1.</summary>
    public double TestAccuracy { get; init; } = double.NaN;

    /// <summary>Mean norm of the loss' gradient by the input.</summary>
    public double GradNorm { get; init; } = double.NaN;

    /// <summary>Mean norm of its Hessian.</summary>
    public double HessianNorm { get; init; } = double.NaN;

    /// <summary>Mean normalised curvature.</summary>
    public double Curvature { get; init; } = double.NaN;

    /// <summary>Share of the attacked samples that stand all attacks within each epsilon.</summary>
    public IReadOnlyList<FigureAt> Robust { get; init; } = [];

    /// <summary>Share of the samples that are classified rightly within each epsilon for certain.</summary>
    public IReadOnlyList<FigureAt> Certified { get; init; } = [];

    /// <summary>Relative change of the gradient under noise of each norm.</summary>
    public IReadOnlyList<FigureAt> GradientChange { get; init; } = [];

    /// <summary>One for each epoch, in order.</summary>
    public IReadOnlyList<EpochFigures> Epochs { get; init; } = [];

    /// <summary>Seconds it trained.</summary>
    public double Seconds { get; init; } = double.NaN;

    /// <summary>Hash of its weights; null where there are none.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>Attacks that succeeded within a certified radius: an error of this program.</summary>
    public int Violations { get; init; }
}

/// <summary>A figure at a distance.</summary>
/// <param name="At">Epsilon, or the norm of the noise.</param>
internal sealed record FigureAt(double At, double Value);

/// <summary>What an epoch reported.</summary>
internal sealed record EpochFigures(int Epoch, double TrainLoss, double TestLoss, double TestAccuracy);
