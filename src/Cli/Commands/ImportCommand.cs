using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn import</c>: a network that others trained, as a model of ours.</summary>
internal static class ImportCommand
{
    public static Command Create(CliServices services)
    {
        var file = new Argument<string>("FILE") { Description = "State dict of torch.save (.pt, .pth), or a safetensors file; no code in it is run" };
        var output = CommonOptions.Value("--out", "file", $"Model file to write, .safetensors, or folder for a {SnapshotFiles.Model}");
        var architecture = CommonOptions.Value("--arch", "name", "Network it is: one of 'lcnn arch list', or a file. Default: as its tensors tell");
        var image = CommonOptions.Value("--image", "CxHxW", "Shape of its images, where its tensors do not tell. Default: that of --dataset, else 32x32");
        var dataset = CommonOptions.Value("--dataset", "name", $"Data set it was trained on: {string.Join(", ", Names.Datasets)}, or the path of images. Default: by its images and classes");
        return SimpleCommand.Create(
            "import", "Make a model of a network that others trained, for eval and predict.", services, [file, output, architecture, image, dataset],
            async (reader, writer, cancellationToken) =>
            {
                var network = await ReadNetworkAsync(reader, architecture, services, cancellationToken);
                var request = new ImportRequest(reader.ExistingPath(file, services.WorkingDirectory) ?? "", OutputPath.Read(reader, output, services.WorkingDirectory, ".safetensors", SnapshotFiles.Model))
                {
                    Network = network,
                    Image = reader.Dimensions(image),
                    Dataset = reader.Dataset(dataset, services.WorkingDirectory),
                };
                if (request.Dataset is { } name && !Names.IsDatasetPath(name) && !Names.Datasets.Contains(name))
                {
                    reader.Add(dataset, $"expected one of {string.Join(", ", Names.Datasets)}, or the path of images, got '{name}'");
                }

                reader.ThrowIfProblems();
                var report = await services.Exchange.ImportAsync(request, cancellationToken);
                writer.Write(report, () => ReportWriter.Pairs(
                    [("model", report.Model), ("recognised as", report.Form), ("network", report.Architecture), ("images", $"{report.Image}, {Format.Count(report.Classes)} classes"),
                    ("data set", report.Dataset ?? "not known; name it with --dataset"), ("weightsSha256", report.WeightsSha256), .. report.Notes.Select(note => ("note", note))]));
                return ExitCode.Done;
            });
    }

    private static async Task<NetworkDescription?> ReadNetworkAsync(ArgumentReader reader, Option<string> option, CliServices services, CancellationToken cancellationToken)
    {
        if (reader.Text(option) is not { } given)
        {
            return null;
        }

        if (await NetworkArgument.ReadAsync(reader, option, given, services, ElementKinds.BuiltIn, cancellationToken) is { } file)
        {
            return file.Description;
        }

        var known = NetworkCatalog.Find(given);
        if (known is null && !NetworkArgument.IsFile(given))
        {
            reader.Add(option, $"unknown network '{given}', expected a file or one of {string.Join(", ", NetworkCatalog.Names)}{Spelling.Hint(given, NetworkCatalog.Names)}");
        }

        return known;
    }
}
