using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Demonstrations;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands.Demonstrations;

/// <summary><c>lcnn demo</c>: pictures of what low curvature means.</summary>
internal static class DemoCommand
{
    private const int DefaultSamples = 200;
    private const int MostSamples = 10_000;
    private const double DefaultNoise = 0.1;
    private const string FileName = "two-moons.html";

    public static Command Create(CliServices services) => new("demo", "Show what low curvature means, in seconds.") { TwoMoons(services) };

    private static Command TwoMoons(CliServices services)
    {
        var output = CommonOptions.Value("--out", "file", $"HTML file to write, replaced if it exists. Default: {FileName}");
        var samples = CommonOptions.Value("--samples", "n", $"Training points, 4 to {MostSamples}. Default: {DefaultSamples}");
        var noise = CommonOptions.Value("--noise", "x", "Standard deviation of each coordinate, 0 to 1. Default: 0.1");
        var seed = CommonOptions.Value("--seed", "n", "Of the points and the weights. Default: 1729");
        return SimpleCommand.Create(
            "two-moons", "Draw the paper's figure 1: a standard network and an LCNN on two moons, their decision boundaries and their curvature.", services, [output, samples, noise, seed],
            async (reader, writer, cancellationToken) =>
            {
                var path = OutputFile.Read(reader, output, services) ?? Path.Combine(services.WorkingDirectory, FileName);
                var count = (int)(reader.LongNumber(samples, 4, MostSamples) ?? DefaultSamples);
                var deviation = reader.Number(noise) ?? DefaultNoise;
                if (!(deviation is >= 0 and <= 1))
                {
                    reader.Add(noise, $"expected a number from 0 up to 1, got {reader.OptionalText(noise)}");
                }

                var demonstration = new TwoMoonsDemonstration(count, deviation, reader.LongNumber(seed, long.MinValue, long.MaxValue - 1) ?? 1729);
                reader.ThrowIfProblems();
                var report = await services.Moons.RunAsync(demonstration, cancellationToken);
                OutputFile.Save(path, file => MoonsHtmlReport.Write(report, file));
                writer.Write(TwoMoonsReport.Of(report, path), () => Picture(report, path));
                return ExitCode.Done;
            });
    }

    private static Rows Picture(MoonsReport report, string path) => new(
    [
        .. report.Networks.SelectMany(network => new[]
        {
            new Text($"{network.Style}: test accuracy {Format.Percent(network.Accuracy)}, curvature {Format.Number(network.Mean.Curvature)}, Hessian norm {Format.Number(network.Mean.HessianNorm)}, gradient norm {Format.Number(network.Mean.GradientNorm)}"),
            new Text(MoonsText.Draw(report, network)),
        }),
        new Text($"written: {path}"),
    ]);
}

/// <summary>The figures of <c>lcnn demo two-moons</c>.</summary>
internal sealed record TwoMoonsReport(long Seed, int Samples, double Noise, IReadOnlyList<MoonsNetworkReport> Networks, string Path) : Report
{
    protected override string Kind => "twoMoons";

    public static TwoMoonsReport Of(MoonsReport report, string path) => new(
        report.Demonstration.Seed, report.Demonstration.Samples, report.Demonstration.Noise,
        [.. report.Networks.Select(network => new MoonsNetworkReport(network.Style, network.Accuracy, network.Mean.Curvature, network.Mean.HessianNorm, network.Mean.GradientNorm))], path);
}

/// <summary>A network's figures over fresh points.</summary>
internal sealed record MoonsNetworkReport(string Style, double TestAccuracy, double Curvature, double HessianNorm, double GradNorm);
