using System.CommandLine;
using System.Globalization;
using CsvHelper;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn predict</c>: what a trained network says of images.</summary>
internal static class PredictCommand
{
    public static Command Create(CliServices services)
    {
        var model = new Argument<string>("MODEL") { Description = "Folder of a snapshot or of a run, or a model.safetensors file" };
        var images = new Argument<string[]>("IMAGE") { Description = "Images (PNG, JPEG, BMP), and folders with images", Arity = ArgumentArity.OneOrMore };
        var curvature = CommonOptions.Flag("--curvature", "Measure the gradient norm and the curvature around each image, of the loss of the predicted class. Default: no");
        var csv = CommonOptions.Flag("--csv", "Print comma-separated values. Default: a table");
        var threads = CommonOptions.Threads();
        var device = CommonOptions.Device();
        return SimpleCommand.Create(
            "predict", "Say what a trained network sees in images, which are made into what it was trained on.", services, [model, images, curvature, csv, threads, device],
            async (reader, writer, cancellationToken) =>
            {
                var request = new PredictionRequest(
                    reader.ExistingPath(model, services.WorkingDirectory) ?? "",
                    reader.Paths(images, services.WorkingDirectory),
                    reader.IsGiven(curvature),
                    reader.WholeNumber(threads, minimum: 1) ?? services.ProcessorCount,
                    reader.Device(device) ?? "cpu");
                reader.ThrowIfProblems();
                var report = await services.Predictor.PredictAsync(request, cancellationToken);
                foreach (var bad in report.Bad)
                {
                    services.Error.WriteLine($"error: {bad.Image}: {bad.Problem}");
                }

                if (reader.IsGiven(csv) && !writer.IsJson)
                {
                    WriteCsv(services.Out, report.Images, request.WithCurvature);
                }
                else
                {
                    writer.Write([.. report.Images, .. report.Bad], () => CreateTable(report.Images, request.WithCurvature));
                }

                return report.Bad.Count > 0 ? ExitCode.BadInput : ExitCode.Done;
            });
    }

    private static Table CreateTable(IReadOnlyList<PredictedImage> images, bool withCurvature)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("image", "class", "probability");
        if (withCurvature)
        {
            table.AddColumns("gradient norm", "curvature");
        }

        foreach (var image in images)
        {
            Text[] cells = [new(image.Image), new(image.Class), new(Format.Percent(image.Probability))];
            table.AddRow(withCurvature ? [.. cells, new Text(Format.Number(image.GradNorm)), new Text(Format.Number(image.Curvature))] : cells);
        }

        return table;
    }

    private static void WriteCsv(TextWriter output, IReadOnlyList<PredictedImage> images, bool withCurvature)
    {
        using var csv = new CsvWriter(output, CultureInfo.InvariantCulture, leaveOpen: true);
        string[] columns = ["image", "class", "output", "probability", .. withCurvature ? new[] { "gradNorm", "curvature" } : []];
        WriteRow(csv, columns);
        foreach (var image in images)
        {
            string[] numbers = withCurvature ? [Number(image.GradNorm), Number(image.Curvature)] : [];
            WriteRow(csv, [image.Image, image.Class, image.Output.ToString(CultureInfo.InvariantCulture), Number(image.Probability), .. numbers]);
        }
    }

    private static void WriteRow(CsvWriter csv, IEnumerable<string> fields)
    {
        foreach (var field in fields)
        {
            csv.WriteField(field);
        }

        csv.NextRecord();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
