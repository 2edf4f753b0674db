using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn eval</c>: accuracy, curvature and robustness of a trained network.</summary>
internal static class EvalCommand
{
    private const int BatchSize = 256;
    private const string Known = "is what the snapshot on the silos says";

    public static Command Create(CliServices services)
    {
        var snapshot = new Argument<string>("SNAPSHOT") { Description = "Folder of a snapshot or of a run, or a model.safetensors file" };
        var architecture = CommonOptions.Value("--arch", "name", $"Network of a model that does not say it: {string.Join(", ", Names.Architectures)}. Default: as the model or its snapshot says");
        var dataset = CommonOptions.Value("--dataset", "name", $"Data set to measure it on: {string.Join(", ", Names.Datasets)}, or the path of images. Default: as the model or its snapshot says");
        var images = new ImageSwitches();
        var data = CommonOptions.DataDirectory();
        var limit = CommonOptions.Value("--test-limit", "n", "Evaluate on the first n test samples only, 0 for all. Default: as many as the run did");
        var curvature = CommonOptions.Flag("--curvature", "Measure the curvature. Default: yes, unless --robustness, --attacks or --certify is given without --curvature-samples");
        var curvatureSamples = CommonOptions.Value("--curvature-samples", "n", "Test samples whose curvature is measured, 0 for none. Default: 1000 for resnet8*, else 100");
        var robustness = RobustnessSwitches.OfEvaluation();
        var seed = CommonOptions.Value("--seed", "n", "Of attacks and noise. Default: as the run's");
        var csv = CommonOptions.Value("--csv", "file", "File for the figures of every sample, as comma-separated values, replaced if it exists. Default: none");
        var batch = CommonOptions.Value("--batch-size", "n", $"Samples of one forward pass. Default: {BatchSize}");
        var threads = CommonOptions.Threads();
        var device = CommonOptions.Device();
        var places = new EvaluationPlaces();
        return SimpleCommand.Create(
            "eval", "Measure the test accuracy, the curvature and the robustness of a snapshot.", services,
            [snapshot, architecture, dataset, data, limit, curvature, curvatureSamples, .. robustness.All, seed, csv, batch, threads, device, .. places.All, .. images.All],
            async (reader, writer, cancellationToken) =>
            {
                var wanted = robustness.Apply(reader, new RunSpec());
                RobustnessSwitches.RefuseWithout(reader, RobustnessSwitches.IsWanted(wanted), robustness.WhatSamplesTake, seed);
                robustness.Check(reader, wanted);
                var given = reader.WholeNumber(threads, minimum: 1);
                var place = places.Read(reader, given, services);
                var isRemote = places.IsRemote(reader);
                EvaluationPlaces.Refuse(reader, place, (csv, "is written without --workers, --local-silos and --cluster: workers send figures alone"),
                    (device, "is the silos' choice on workers"), (seed, "is the run's on workers; leave it out, or measure without them"));
                EvaluationPlaces.Refuse(reader, isRemote ? place : null, (architecture, Known), (dataset, Known));
                var samples = reader.WholeNumber(curvatureSamples, minimum: 0);
                var request = new EvaluationRequest(
                    (isRemote ? reader.Value(snapshot) : reader.ExistingPath(snapshot, services.WorkingDirectory)) ?? "",
                    isRemote ? reader.Text(data) : reader.ExistingFolder(data, services.WorkingDirectory),
                    reader.WholeNumber(limit, minimum: 0),
                    samples ?? (!RobustnessSwitches.IsWanted(wanted) || reader.IsGiven(curvature) ? null : 0),
                    reader.WholeNumber(batch, minimum: 1) ?? BatchSize,
                    given ?? services.ProcessorCount)
                {
                    Architecture = reader.Text(architecture),
                    Dataset = reader.Dataset(dataset, services.WorkingDirectory),
                    Images = images.Read(reader),
                    Device = reader.Device(device) ?? "cpu",
                    Place = place,
                    Robustness = wanted,
                    Seed = reader.LongNumber(seed),
                };
                if (samples == 0 && reader.IsGiven(curvature))
                {
                    reader.Add(curvature, "contradicts --curvature-samples 0");
                }

                var path = OutputFile.Read(reader, csv, services);
                if (path is not null && OutputFolder.WhyNotWritable(Path.GetDirectoryName(path) ?? path) is { } problem)
                {
                    reader.Add(csv, problem); // now, not after hours
                }

                reader.ThrowIfProblems();
                if (request.Place is null)
                {
                    return Show(await EvaluateAsync(request, services, writer.IsJson, cancellationToken), path, services, writer);
                }

                using var stop = new StopRequest(services.Signals, services.ExitNow); // the run there has to be told
                try
                {
                    return Show(await EvaluateAsync(request, services, writer.IsJson, stop.Token), path, services, writer);
                }
                catch (OperationCanceledException) when (stop.First is { } signal)
                {
                    return (int)signal;
                }
            });
    }

    private static async Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, CliServices services, bool isJson, CancellationToken cancellationToken)
    {
        await using var display = IEvaluationDisplay.Create(services, isJson);
        return await services.Evaluator.EvaluateAsync(request, display, cancellationToken);
    }

    private static int Show(EvaluationReport report, string? csv, CliServices services, ReportWriter writer)
    {
        writer.Write(report, () => EvaluationTables.Create(report));
        if (!writer.IsJson)
        {
            foreach (var warning in RobustnessTables.Warnings(report.Robustness))
            {
                services.Error.WriteLine(warning);
            }
        }

        if (csv is not null && report.Samples is { } samples)
        {
            OutputFile.Save(csv, file => EvaluationCsv.Write(samples, file));
        }

        foreach (var error in RobustnessTables.Errors(report.Robustness))
        {
            services.Error.WriteLine(error);
        }

        return report.Violations.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
