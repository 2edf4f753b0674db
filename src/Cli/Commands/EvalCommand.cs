using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn eval</c>: accuracy and curvature of a trained network.</summary>
internal static class EvalCommand
{
    private const int BatchSize = 256;

    public static Command Create(CliServices services)
    {
        var snapshot = new Argument<string>("SNAPSHOT") { Description = "Folder of a snapshot or of a run, or a model.safetensors file" };
        var architecture = CommonOptions.Value("--arch", "name", $"Network of a model that does not say it: {string.Join(", ", Names.Architectures)}. Default: as the model or its snapshot says");
        var dataset = CommonOptions.Value("--dataset", "name", $"Data set to measure it on: {string.Join(", ", Names.Datasets)}, or the path of images. Default: as the model or its snapshot says");
        var images = new ImageSwitches();
        var data = CommonOptions.DataDirectory();
        var limit = CommonOptions.Value("--test-limit", "n", "Evaluate on the first n test samples only, 0 for all. Default: as many as the run did");
        var curvature = CommonOptions.Value("--curvature-samples", "n", "Test samples whose curvature is measured, 0 for none. Default: 1000 for resnet8*, else 100");
        var batch = CommonOptions.Value("--batch-size", "n", $"Samples of one forward pass. Default: {BatchSize}");
        var threads = CommonOptions.Threads();
        var device = CommonOptions.Device();
        return SimpleCommand.Create(
            "eval", "Measure the test accuracy and the curvature of a snapshot.", services, [snapshot, architecture, dataset, data, limit, curvature, batch, threads, device, .. images.All],
            async (reader, writer, cancellationToken) =>
            {
                var request = new EvaluationRequest(
                    reader.ExistingPath(snapshot, services.WorkingDirectory) ?? "",
                    reader.ExistingFolder(data, services.WorkingDirectory),
                    reader.WholeNumber(limit, minimum: 0),
                    reader.WholeNumber(curvature, minimum: 0),
                    reader.WholeNumber(batch, minimum: 1) ?? BatchSize,
                    reader.WholeNumber(threads, minimum: 1) ?? services.ProcessorCount)
                {
                    Architecture = reader.Text(architecture),
                    Dataset = reader.Dataset(dataset, services.WorkingDirectory),
                    Images = images.Read(reader),
                    Device = reader.Device(device) ?? "cpu",
                };
                reader.ThrowIfProblems();
                var report = await services.Evaluator.EvaluateAsync(request, new EvaluationLines(services.Error, services.Clock), cancellationToken);
                writer.Write(report, () => ReportWriter.Pairs(
                    ("snapshot", report.Snapshot),
                    ("network", $"{report.Architecture}, {(report.Step is { } step ? Format.Counted(step, "step") : "its steps are not known")}"),
                    ("data set", $"{report.Dataset}, {Format.Counted(report.TestSamples, "test sample")}"),
                    ("test accuracy", $"{Format.Percent(report.TestAccuracy)} (loss {Format.Number(report.TestLoss)})"),
                    ("curvature", $"{Format.Number(report.Curvature)} ({Format.Counted(report.CurvatureSamples, "test sample")})"),
                    ("hessian norm", Format.Number(report.HessianNorm)),
                    ("gradient norm", Format.Number(report.GradNorm)),
                    ("weightsSha256", report.WeightsSha256)));
                return ExitCode.Done;
            });
    }
}
