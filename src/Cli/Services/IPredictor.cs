namespace Lcnn.Distributed.Cli.Services;

/// <summary>Asks a trained network about images.</summary>
internal interface IPredictor
{
    /// <exception cref="BadInputException">The model cannot be read, or does not say which images it takes.</exception>
    Task<PredictionReport> PredictAsync(PredictionRequest request, CancellationToken cancellationToken);
}

/// <summary>What to ask which model.</summary>
/// <param name="Model">Full path of a snapshot's or a run's folder, or of a model file.</param>
/// <param name="Images">Full paths of images, and of folders with images.</param>
/// <param name="WithCurvature">Whether gradient norm and curvature are measured for each, of the loss of the class that is predicted.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="Device">"cpu", or "cuda:" and the index.</param>
internal sealed record PredictionRequest(string Model, IReadOnlyList<string> Images, bool WithCurvature, int Threads, string Device);

/// <summary>What came out.</summary>
/// <param name="Images">Those that could be used, in order.</param>
/// <param name="Bad">The others.</param>
internal sealed record PredictionReport(IReadOnlyList<PredictedImage> Images, IReadOnlyList<RefusedImage> Bad);

/// <summary>An image and what the model says of it.</summary>
internal sealed record PredictedImage : Report
{
    protected override string Kind => "prediction";

    /// <summary>Its file.</summary>
    public required string Image { get; init; }

    /// <summary>Name of the class, or its number where classes have no names.</summary>
    public required string Class { get; init; }

    /// <summary>Number of the class, from 0.</summary>
    public int Output { get; init; }

    /// <summary>Its share in the softmax, 0..1.</summary>
    public double Probability { get; init; }

    /// <summary>Norm of the loss's gradient by the image; NaN when not measured.</summary>
    public double GradNorm { get; init; } = double.NaN;

    /// <summary>Normalised curvature ||Hu|| / (||g|| + 1e-6); NaN when not measured.</summary>
    public double Curvature { get; init; } = double.NaN;
}

/// <summary>An image that cannot be used.</summary>
internal sealed record RefusedImage(string Image, string Problem) : Report
{
    protected override string Kind => "refused";
}
