namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>What a parcel is; its number is part of the wire format and only ever added to.</summary>
internal enum ParcelKind
{
    /// <summary>Effective parameters of one owner's layers for a step.</summary>
    Prepared = 1,
    /// <summary>One rank's gradient sums for one owner's layers.</summary>
    Gradients = 2,
    /// <summary>Evaluation parameters of one owner's layers.</summary>
    Evaluation = 3,
    /// <summary>One rank's scores on its part of the test set.</summary>
    Scores = 4,
    /// <summary>One owner's raw state for a snapshot.</summary>
    State = 5,
    /// <summary>One batch's curvature.</summary>
    Curvature = 6,
    /// <summary>What one rank gives to the sums of batch norms over the whole batch.</summary>
    NormShares = 7,
    /// <summary>Squared norms of one owner's raw gradients, layer by layer.</summary>
    GradientNorms = 8,
    /// <summary>What one part of the robustness measurement gave.</summary>
    Robustness = 9,
}

/// <summary>Names a parcel within one generation of a run.</summary>
/// <param name="Step">Steps done before it was made.</param>
/// <param name="Part">Which of several, such as a batch of the curvature measurement or a halt of a step.</param>
internal readonly record struct ParcelKey(ParcelKind Kind, long Step, int Part = 0)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} of step {Step}";
}
