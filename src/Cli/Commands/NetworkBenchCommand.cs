using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn bench network</c>: the time of a step over links that are not here, computed.</summary>
internal static class NetworkBenchCommand
{
    private const string Architecture = "resnet18-lcnn";
    private const double Gigabits = 1;
    private const double RoundTrip = 1;
    private const double Forward = 100;
    private const double Backward = 100;
    private const double Owner = 60;
    private const double Bucket = 1;
    private const double Most = 1e6;

    private static readonly int[] _workers = [2, 4, 8, 16, 32, 64];

    public static Command Create(CliServices services)
    {
        var workers = CommonOptions.Value("--workers", "list", $"Numbers of workers. Default: {string.Join(',', _workers)}");
        var perSilo = CommonOptions.Value("--workers-per-silo", "n", "Workers of one silo, which share its link. Default: 1");
        var shards = CommonOptions.Value("--shards", "n", "V, a power of two. Default: one a worker");
        var architecture = CommonOptions.Value("--arch", "name", $"Network. Default: {Architecture}");
        var image = CommonOptions.Value("--image", "CxHxW", "Channels, height and width of a sample. Default: 3x32x32");
        var bucket = CommonOptions.Value("--bucket-mb", "size", $"Megabytes of gradients that travel together. Default: {Number(Bucket)}");
        var bandwidth = CommonOptions.Value("--bandwidth", "Gbit/s", $"What a silo's link carries each way. Default: {Number(Gigabits)}");
        var roundTrip = CommonOptions.Value("--round-trip-ms", "ms", $"Between any two silos. Default: {Number(RoundTrip)}");
        var forward = CommonOptions.Value("--forward-ms", "ms", $"A worker's passes before the last. Default: {Number(Forward)}");
        var backward = CommonOptions.Value("--backward-ms", "ms", $"A worker's last pass, while which buckets leave. Default: {Number(Backward)}");
        var owner = CommonOptions.Value("--owner-ms", "ms", $"The owners' work on all layers together. Default: {Number(Owner)}");
        return SimpleCommand.Create(
            "network", "Compute the time of a step over links that are not here: the plan of owners and parcels on a simulated network, beside a ring all-reduce.", services,
            [workers, perSilo, shards, architecture, image, bucket, bandwidth, roundTrip, forward, backward, owner],
            (reader, writer, cancellationToken) =>
            {
                var request = new NetworkBenchmarkRequest(
                    reader.List(workers, ReadCount, "whole numbers from 1 to 1024 such as 2,4,8") ?? _workers,
                    reader.WholeNumber(perSilo, minimum: 1) ?? 1,
                    reader.WholeNumber(shards, minimum: 1),
                    reader.Choice(architecture, Names.Architectures) ?? Architecture,
                    reader.Dimensions(image) ?? [3, 32, 32],
                    Positive(reader, bucket) ?? Bucket,
                    Positive(reader, bandwidth) ?? Gigabits,
                    Duration(reader, roundTrip) ?? RoundTrip,
                    Duration(reader, forward) ?? Forward,
                    Duration(reader, backward) ?? Backward,
                    Duration(reader, owner) ?? Owner);
                Check(reader, request, workers, shards);
                reader.ThrowIfProblems();
                var report = services.NetworkBenchmark.Simulate(request, cancellationToken);
                writer.Write(report, () => CreateTable(report));
                return Task.FromResult(ExitCode.Done);
            });
    }

    private static void Check(ArgumentReader reader, NetworkBenchmarkRequest request, Option<string> workers, Option<string> shards)
    {
        foreach (var count in request.Workers.Where(count => count % request.WorkersPerSilo != 0))
        {
            reader.Add(workers, $"expected multiples of the {request.WorkersPerSilo} workers of a silo, got {count}");
        }

        if (request.Shards is { } number && (!int.IsPow2(number) || number < request.Workers.Max()))
        {
            reader.Add(shards, $"expected a power of two, at least the {request.Workers.Max()} workers, got {number}");
        }
    }

    private static double? Positive(ArgumentReader reader, Option<string> option) => Within(reader, option, number => number > 0, "above 0");

    private static double? Duration(ArgumentReader reader, Option<string> option) => Within(reader, option, number => number >= 0, "from 0");

    private static double? Within(ArgumentReader reader, Option<string> option, Func<double, bool> isWanted, string bound)
    {
        if (reader.Number(option) is not { } number)
        {
            return null;
        }

        if (isWanted(number) && number <= Most)
        {
            return number;
        }

        reader.Add(option, $"expected a number {bound} to {Number(Most)}, got {Number(number)}");
        return null;
    }

    private static IEnumerable<int> ReadCount(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1024 ? [count] : [];

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static Table CreateTable(NetworkBenchmarkReport report)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("workers", "step ms", "ring ms", "alone ms", "MB of the busiest link", "parcels");
        foreach (var row in report.Rows)
        {
            table.AddRow(
                Format.Count(row.Workers), Rounded(row.Milliseconds), Rounded(row.RingMilliseconds), Rounded(row.AloneMilliseconds),
                Rounded(row.BusiestLinkMegabytes), Format.Count(row.Parcels));
        }

        return table;
    }

    private static string Rounded(double number) => Format.Number(Math.Round(number, 1));
}
