namespace Lcnn.Distributed.Model.Prediction;

/// <summary>What a model says of one image.</summary>
/// <param name="Path">The image's file.</param>
/// <param name="Class">Name of the class, or its number where classes have no names.</param>
/// <param name="Output">Number of the class, from 0.</param>
/// <param name="Probability">Its share in the softmax, 0..1.</param>
public sealed record ImagePrediction(string Path, string Class, int Output, double Probability)
{
    /// <summary>Norm of the gradient by the image of the predicted class's loss; NaN when it was not measured.</summary>
    public double GradientNorm { get; init; } = double.NaN;

    /// <summary>Normalised curvature around the image, ||Hu|| / (||g|| + 1e-6) (paper eq. 2); NaN when it was not measured.</summary>
    public double Curvature { get; init; } = double.NaN;
}

/// <summary>A file that is no image which the model takes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Problem">Why, in a sentence.</param>
public sealed record RefusedImage(string Path, string Problem);

/// <summary>What a model says of some images.</summary>
/// <param name="Images">Those that it could be asked about, in the order they were given and then of their names.</param>
/// <param name="Refused">The other files.</param>
public sealed record ImagePredictions(IReadOnlyList<ImagePrediction> Images, IReadOnlyList<RefusedImage> Refused);
