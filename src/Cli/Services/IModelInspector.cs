namespace Lcnn.Distributed.Cli.Services;

/// <summary>Looks into trained networks.</summary>
internal interface IModelInspector
{
    /// <summary>What this program calls the machine's processor.</summary>
    string Processor { get; }

    /// <summary>Looks into models that were trained on one data set, in order.</summary>
    /// <exception cref="BadInputException">A model or the data set cannot be read.</exception>
    Task<InspectionReport> InspectAsync(InspectionRequest request, CancellationToken cancellationToken);
}

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

/// <summary>How sharp a layer's activation may be, and how far its batch norm may stretch.</summary>
/// <param name="Path">Of the layer.</param>
/// <param name="Beta">Effective, null without one.</param>
/// <param name="Gamma">Null without one.</param>
internal sealed record LayerSharpness(string Path, double? Beta, double? Gamma);

/// <summary>A saliency map.</summary>
/// <param name="Class">What the network takes the image for.</param>
/// <param name="Png">A PNG file, black where the gradient is nothing and white where it is largest.</param>
internal sealed record InspectedMap(string Class, byte[] Png);
