using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn export</c>: a model of ours for PyTorch.</summary>
internal static class ExportCommand
{
    /// <summary>What <c>--format</c> takes.</summary>
    public static IReadOnlyList<string> Formats { get; } = [Authors, Folded];

    private static readonly string[] _endings = [".safetensors", ".pth"];

    private const string Authors = "authors";
    private const string Folded = "folded";

    public static Command Create(CliServices services)
    {
        var model = new Argument<string>("MODEL") { Description = "Folder of a snapshot or of a run, or a model.safetensors file" };
        var output = CommonOptions.Value("--out", "file", "What to write: of authors a .pt or .safetensors file, of folded a folder for model.py and weights.pt");
        var format = CommonOptions.Value("--format", "name", "authors: a state dict with their keys; folded: plain torch.nn modules and their weights. Default: authors");
        var architecture = CommonOptions.Value("--arch", "name", "Network of a model that does not say it, see 'lcnn arch list'. Default: as the model or its snapshot says");
        var dataset = CommonOptions.Value("--dataset", "name", $"Data set of a model that does not say it: {string.Join(", ", Names.Datasets)}. Default: as the model or its snapshot says");
        return SimpleCommand.Create(
            "export", "Write a model for PyTorch: the authors' keys, or plain modules with the norms folded in.", services, [model, output, format, architecture, dataset],
            async (reader, writer, cancellationToken) =>
            {
                var wanted = reader.Choice(format, Formats) ?? Authors;
                var path = wanted == Folded
                    ? OutputPath.ReadFolder(reader, output, services.WorkingDirectory, ["model.py", "weights.pt"])
                    : OutputPath.Read(reader, output, services.WorkingDirectory, EndingOf(reader.Text(output)), "model.pt");
                var request = new ExportRequest(
                    reader.ExistingPath(model, services.WorkingDirectory) ?? "", path ?? "", wanted, reader.Text(architecture), reader.Dataset(dataset, services.WorkingDirectory));
                reader.ThrowIfProblems();
                var report = await services.Exchange.ExportAsync(request, cancellationToken);
                writer.Write(report, () => ReportWriter.Pairs(
                    [("model", report.Model), ("network", report.Architecture), ("tensors", $"{report.Tensors}"), .. report.Files.Select(file => ("written", file))]));
                return ExitCode.Done;
            });
    }

    private static string EndingOf(string? path) =>
        _endings.FirstOrDefault(ending => path?.EndsWith(ending, StringComparison.OrdinalIgnoreCase) == true) ?? ".pt";
}
