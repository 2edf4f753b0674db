using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn data</c>: packs a data set into one file, and shows what is in one.</summary>
internal static class DataCommand
{
    private const int PerClass = 10;
    private const int MostPerClass = 32;
    private const int ClassesShown = 100;

    public static Command Create(CliServices services) => new("data", "Pack images into one file that is trained on from disk, and show what is in a data set.")
    {
        CreatePack(services), CreateInfo(services), CreateView(services),
    };

    private static Argument<string> Source(string name) =>
        new(name) { Description = "Path of your images or of a packed set, or a name of 'lcnn datasets'" };

    private static Command CreatePack(CliServices services)
    {
        var source = Source("SOURCE");
        var target = CommonOptions.Value("--out", "file", "The file to write, such as my.lcds, which --dataset takes. Nothing of that name may be there");
        var (images, data) = (new ImageSwitches(), CommonOptions.DataDirectory());
        return SimpleCommand.Create("pack", "Pack a data set into one file with check sums, which runs read from disk.", services, [source, target, data, .. images.All], async (reader, writer, _) =>
        {
            var spec = ReadSpec(reader, source, images, data, services);
            var file = ReadTarget(reader, target, ".lcds", services);
            reader.ThrowIfProblems();
            using var cancel = new CancellationTokenSource();
            StopSignal? stop = null;
            using var signals = services.Signals.Listen(signal =>
            {
                stop ??= signal;
                cancel.Cancel();
            });
            try
            {
                var report = await PackAsync(spec, file, services, services.IsTerminal && !writer.IsJson, cancel.Token);
                if (report.LeftOut is { } leftOut)
                {
                    services.Error.WriteLine($"warning: {leftOut}");
                }

                writer.WriteLine(report, $"{report.File}: {Format.Counted(report.TrainSamples, "training sample")} and {Format.Counted(report.TestSamples, "test sample")}, {Format.Count(report.Bytes)} bytes");
                return ExitCode.Done;
            }
            catch (OperationCanceledException) when (stop is { } signal)
            {
                services.Error.WriteLine("stopped: no file was written");
                return (int)signal;
            }
        });
    }

    private static Task<PackReport> PackAsync(RunSpec spec, string file, CliServices services, bool isLive, CancellationToken cancellationToken) => isLive
        ? services.Console.Status().StartAsync("decoding", status => services.DataTools.PackAsync(
            spec, file, new DecodingLines(count => status.Status = $"decoded {Format.Counted(count, "image")}", services.Clock, TimeSpan.Zero), cancellationToken))
        : services.DataTools.PackAsync(
            spec, file, new DecodingLines(count => services.Error.WriteLine($"decoded {Format.Counted(count, "image")}"), services.Clock, TimeSpan.FromSeconds(5)), cancellationToken);

    private static Command CreateInfo(CliServices services)
    {
        var source = Source("DATASET");
        var verify = CommonOptions.Flag("--verify", "Read all of a packed set and compare it with its check sums. Default: only what is shown is read");
        var (images, data) = (new ImageSwitches(), CommonOptions.DataDirectory());
        return SimpleCommand.Create("info", "Show the classes of a data set, and mean and deviation of its training images.", services, [source, verify, data, .. images.All], async (reader, writer, cancellationToken) =>
        {
            var spec = ReadSpec(reader, source, images, data, services);
            reader.ThrowIfProblems();
            var report = await services.DataTools.DescribeAsync(spec, reader.IsGiven(verify), cancellationToken);
            if (report.LeftOut is { } leftOut)
            {
                services.Error.WriteLine($"warning: {leftOut}");
            }

            writer.Write(report, () => ReportWriter.Pairs(Describe(report)));
            return ExitCode.Done;
        });
    }

    private static Command CreateView(CliServices services)
    {
        var source = Source("DATASET");
        var target = CommonOptions.Value("--out", "file", "The PNG file to write. A file of that name is replaced");
        var perClass = CommonOptions.Value("--per-class", "n", $"Images of each class, up to {MostPerClass}. Default: {PerClass}");
        var (images, data) = (new ImageSwitches(), CommonOptions.DataDirectory());
        return SimpleCommand.Create("view", "Draw the first training images of every class, by class, as a PNG.", services, [source, target, perClass, data, .. images.All], async (reader, writer, cancellationToken) =>
        {
            var spec = ReadSpec(reader, source, images, data, services);
            var file = ReadTarget(reader, target, ".png", services);
            var count = reader.WholeNumber(perClass, minimum: 1) ?? PerClass;
            if (count > MostPerClass)
            {
                reader.Add(perClass, $"expected at most {MostPerClass}, got {count}");
            }

            reader.ThrowIfProblems();
            var report = await services.DataTools.DrawAsync(spec, file, count, cancellationToken);
            writer.WriteLine(report, $"{report.File}: {report.Classes} {(report.Classes == 1 ? "class" : "classes")}, up to {Format.Counted(report.PerClass, "image")} of each");
            return ExitCode.Done;
        });
    }

    private static RunSpec ReadSpec(ArgumentReader reader, Argument<string> source, ImageSwitches images, Option<string> data, CliServices services)
    {
        var folder = reader.ExistingFolder(data, services.WorkingDirectory);
        var spec = images.Read(reader).Apply(new RunSpec()) with { Dataset = reader.Dataset(source, services.WorkingDirectory), DataDirectory = folder };
        foreach (var problem in spec.Validate().Where(problem => problem.Field != nameof(RunSpec.OutputDirectory)))
        {
            reader.Add(problem.Field == nameof(RunSpec.Dataset) ? new ArgumentProblem(source.Name, problem.Message) : ArgumentProblem.Of(problem));
        }

        return spec;
    }

    private static string ReadTarget(ArgumentReader reader, Option<string> option, string ending, CliServices services)
    {
        if (reader.Text(option) is not { Length: > 0 } text)
        {
            reader.Add(option, $"expected a file to write, such as my{ending}");
            return "";
        }

        var path = Path.GetFullPath(text, services.WorkingDirectory);
        if (!path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        {
            reader.Add(option, $"expected a file that ends in {ending}, got '{text}'");
        }
        else if (Directory.Exists(path))
        {
            reader.Add(option, $"expected a file, '{path}' is a folder");
        }
        else if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            reader.Add(option, $"the folder '{Path.GetDirectoryName(path)}' does not exist");
        }

        return path;
    }

    private static IEnumerable<(string Name, string Value)> Describe(DataReport report) =>
    [
        ("data set", report.Dataset),
        ("images", $"{string.Join('x', report.Shape)} (channels, height, width)"),
        ("training", Format.Counted(report.TrainSamples, "sample")),
        ("test", Format.Counted(report.TestSamples, "sample")),
        ("mean", string.Join(", ", report.Mean.Select(Format.Number))),
        ("deviation", string.Join(", ", report.Std.Select(Format.Number))),
        .. report.Normalize is { } normalize ? new[] { ("normalised", normalize) } : [],
        .. report.Bytes is { } bytes ? new[] { ("file", $"{Format.Count(bytes)} bytes") } : [],
        ("SHA-256", report.DataSha256),
        .. report.VerifiedBlocks is { } blocks ? new[] { ("verified", $"{Format.Counted(blocks, "block")}, all as packed") } : [],
        .. report.Classes.Take(ClassesShown).Select(counted => ($"class {counted.Name}", $"{Format.Count(counted.TrainSamples)} training, {Format.Count(counted.TestSamples)} test")),
        .. report.Classes.Count > ClassesShown ? new[] { ("", $"and {report.Classes.Count - ClassesShown} more classes; --json has all") } : [],
    ];
}
