using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Looks into trained networks.</summary>
internal interface IModelInspector
{
    /// <summary>What this program calls the machine's processor.</summary>
    string Processor { get; }

    /// <summary>Looks into models that were trained on one data set, in order.</summary>
    /// <exception cref="BadInputException">A model or the data set cannot be read.</exception>
    Task<InspectionReport> InspectAsync(InspectionRequest request, CancellationToken cancellationToken);

    /// <summary>Looks at what one model makes of its test samples, one by one.</summary>
    /// <exception cref="BadInputException">The model or the data set cannot be read.</exception>
    Task<ExaminationReport> ExamineAsync(ExaminationRequest request, CancellationToken cancellationToken);
}

/// <summary>What to examine; less where the data set has fewer.</summary>
/// <param name="Model">Full path of a model file or of a folder of snapshots.</param>
/// <param name="Samples">Test samples that are classified, from the first on.</param>
/// <param name="CurvatureSamples">Of those, how many have their curvature measured, from the first on.</param>
/// <param name="Images">How many images are shown of each kind.</param>
internal sealed record ExaminationRequest(string Model, int Samples, int CurvatureSamples, int Images);

/// <summary>What was found.</summary>
/// <param name="Samples">Test samples that were classified.</param>
/// <param name="Classes">What the labels mean, by label.</param>
/// <param name="Confusion">Samples by their label and by what the network says.</param>
/// <param name="Worst">Those that it is surest of and wrong about, the surest first.</param>
/// <param name="MostCurved">Those with the largest curvature, the largest first.</param>
/// <param name="Layers">Those with a beta or a gamma, in the network's order.</param>
internal sealed record ExaminationReport(
    int Samples, IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<int>> Confusion, IReadOnlyList<ExaminedImage> Worst, IReadOnlyList<ExaminedImage> MostCurved,
    IReadOnlyList<LayerSharpness> Layers);

/// <summary>A test image that stands out.</summary>
/// <param name="Place">In the test set, from 0.</param>
/// <param name="Class">What its label means.</param>
/// <param name="Said">What the network says.</param>
/// <param name="Value">How sure it is, 0..1, or the curvature.</param>
/// <param name="Png">The image as a PNG file.</param>
/// <param name="Map">Its saliency map as a PNG file.</param>
internal sealed record ExaminedImage(int Place, string Class, string Said, double Value, byte[] Png, byte[] Map);

/// <summary>What to look into.</summary>
/// <param name="Models">Full paths of model files or of folders of snapshots.</param>
/// <param name="DataDirectory">Folder with the data set, or null for the usual places.</param>
/// <param name="Images">Test images whose saliency maps are drawn, from the first on.</param>
internal sealed record InspectionRequest(IReadOnlyList<string> Models, string? DataDirectory, int Images);

/// <summary>What was seen.</summary>
/// <param name="Images">The test images.</param>
/// <param name="Models">One for each model.</param>
internal sealed record InspectionReport(IReadOnlyList<InspectedImage> Images, IReadOnlyList<InspectedModel> Models);

/// <summary>A test image.</summary>
/// <param name="Class">What its label means.</param>
/// <param name="Png">A PNG file.</param>
internal sealed record InspectedImage(string Class, byte[] Png);

/// <summary>A model.</summary>
/// <param name="Layers">Those with a beta or a gamma, in the network's order.</param>
/// <param name="Maps">One for each image.</param>
internal sealed record InspectedModel(IReadOnlyList<LayerSharpness> Layers, IReadOnlyList<InspectedMap> Maps);

/// <summary>A saliency map.</summary>
/// <param name="Class">What the network takes the image for.</param>
/// <param name="Png">A PNG file, black where the gradient is nothing and white where it is largest.</param>
internal sealed record InspectedMap(string Class, byte[] Png);
