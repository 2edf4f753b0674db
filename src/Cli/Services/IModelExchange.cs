using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Takes in networks that others trained, and hands out ours.</summary>
internal interface IModelExchange
{
    /// <exception cref="BadInputException">The file is damaged, or no network that is known.</exception>
    Task<ImportReport> ImportAsync(ImportRequest request, CancellationToken cancellationToken);

    /// <exception cref="BadInputException">The model cannot be read, or the files cannot be written.</exception>
    Task<ExportReport> ExportAsync(ExportRequest request, CancellationToken cancellationToken);
}

/// <summary>What to take in.</summary>
/// <param name="File">Full path of the file.</param>
/// <param name="Output">Full path of the model file to write.</param>
internal sealed record ImportRequest(string File, string Output)
{
    /// <summary>What the user says it is; null to go by its tensors.</summary>
    public NetworkDescription? Network { get; init; }

    /// <summary>Channels, height and width; null to go by its tensors.</summary>
    public int[]? Image { get; init; }

    /// <summary>The data set it was trained on; null to guess.</summary>
    public string? Dataset { get; init; }
}

/// <summary>What to hand out.</summary>
/// <param name="Model">Full path of a snapshot's or a run's folder, or of a model file.</param>
/// <param name="Output">Full path of the file, or of the folder, to write.</param>
/// <param name="Format">"authors" or "folded".</param>
/// <param name="Architecture">Network of a model that does not say it.</param>
/// <param name="Dataset">Data set of a model that does not say it.</param>
internal sealed record ExportRequest(string Model, string Output, string Format, string? Architecture, string? Dataset);

/// <summary>What was taken in.</summary>
internal sealed record ImportReport : Report
{
    protected override string Kind => "import";

    /// <summary>The model file that was written.</summary>
    public required string Model { get; init; }

    /// <summary>What its tensors were recognised as.</summary>
    public required string Form { get; init; }

    /// <summary>The network, with the values of its parameters.</summary>
    public required string Architecture { get; init; }

    /// <summary>Channels, height and width, such as 3x32x32.</summary>
    public required string Image { get; init; }

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Data set it is measured on unless another is named; null where none was told or guessed.</summary>
    public string? Dataset { get; init; }

    /// <summary>Hash of the tensors.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>What was made, left out or taken for granted.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>What was handed out.</summary>
internal sealed record ExportReport : Report
{
    protected override string Kind => "export";

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The network.</summary>
    public required string Architecture { get; init; }

    /// <summary>Files that were written.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Tensors in them.</summary>
    public required int Tensors { get; init; }
}
