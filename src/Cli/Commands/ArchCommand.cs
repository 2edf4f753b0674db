using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Networks;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Networks;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn arch</c>: the built-in networks, and whether one of the user's own can be built.</summary>
internal static class ArchCommand
{
    private const string DefaultImage = "3x32x32";
    private const int DefaultClasses = 10;

    public static Command Create(CliServices services) => new("arch", "List networks, print one as a file to begin with, or check one of your own.")
    {
        CreateList(services), CreateShow(services), CreateCheck(services), CreateSchema(services),
    };

    private static Command CreateList(CliServices services) => SimpleCommand.Create("list", "List the built-in networks and their parameters.", services, [], (_, writer, _) =>
    {
        var entries = NetworkCatalog.Names.Select(NetworkCatalog.Find).Select(network => new NetworkEntry(network!.Name, network.Style, network.Parameters)).ToList();
        writer.Write(entries, () =>
        {
            var table = new Table().Border(TableBorder.Minimal).AddColumns("network", "style", "parameters");
            entries.ForEach(entry => table.AddRow(new Text(entry.Name), new Text(entry.Style), new Text(NetworkSizes.Write(entry.Parameters))));
            return table;
        });
        return Task.FromResult(ExitCode.Done);
    });

    private static Command CreateShow(CliServices services)
    {
        var name = new Argument<string>("NAME") { Description = "One of 'lcnn arch list', or a file" };
        return SimpleCommand.Create("show", "Print a network as a YAML file, which --arch takes.", services, [name], async (reader, writer, cancellationToken) =>
        {
            var network = await FindAsync(reader, name, services, cancellationToken);
            writer.WriteLine(new NetworkText(network.Description.ToJson()), network.Description.ToYaml().TrimEnd());
            return ExitCode.OfShown(services.Output);
        });
    }

    private static Command CreateCheck(CliServices services)
    {
        var name = new Argument<string>("FILE") { Description = "A network's file, or one of 'lcnn arch list'" };
        var image = CommonOptions.Value("--image", "CxHxW", $"Shape of the images. Default: {DefaultImage}");
        var classes = CommonOptions.Value("--classes", "n", $"Number of classes. Default: {DefaultClasses}");
        var parameters = CommonOptions.Value(TrainOptions.ArchParametersName, "list", "Values of the network's parameters, such as width=8,blocks=2. Default: its own");
        return SimpleCommand.Create("check", "Build a network without its numbers and print its layers.", services, [name, image, classes, parameters], async (reader, writer, cancellationToken) =>
        {
            var network = await FindAsync(reader, name, services, cancellationToken);
            var shape = ReadShape(reader, image);
            var count = reader.WholeNumber(classes, minimum: 1) ?? DefaultClasses;
            var sizes = ReadSizes(reader, parameters);
            reader.ThrowIfProblems();
            var layers = Build(reader, name, network, sizes, shape, count).Layers
                .Select(layer => new LayerEntry(layer.Path, KindOf(layer), [.. layer.EffectiveShapes.Select(sized => string.Join('x', sized))], layer.EffectiveCount)).ToList();
            writer.Write(layers, () => CreateTable(layers));
            return ExitCode.Done;
        });
    }

    private static Command CreateSchema(CliServices services)
    {
        var command = new Command("schema", "Print the JSON Schema of network files, for editors.");
        command.SetAction((_, _) =>
        {
            services.Out.WriteLine(NetworkSchema.Text);
            return Task.FromResult(ExitCode.OfShown(services.Output));
        });
        return command;
    }

    private static async Task<(NetworkDescription Description, NetworkFile? File)> FindAsync(ArgumentReader reader, Argument<string> name, CliServices services, CancellationToken cancellationToken)
    {
        var given = reader.Value(name) ?? "";
        var file = await NetworkArgument.ReadAsync(reader, name, given, services, ElementKinds.BuiltIn, cancellationToken);
        reader.ThrowIfProblems();
        if (file is null && NetworkCatalog.Find(given) is null)
        {
            reader.Add(new ArgumentProblem(name.Name, $"unknown network '{given}', expected a file or one of {string.Join(", ", NetworkCatalog.Names)}{Spelling.Hint(given, NetworkCatalog.Names)}"));
            reader.ThrowIfProblems();
        }

        return (file?.Description ?? NetworkCatalog.Find(given)!, file);
    }

    private static Network Build(
        ArgumentReader reader, Argument<string> name, (NetworkDescription Description, NetworkFile? File) network, IReadOnlyDictionary<string, long> sizes, ImageShape shape, int classes)
    {
        try
        {
            return Architectures.Build(network.Description, sizes, shape, classes);
        }
        catch (NetworkShapeException misfit)
        {
            reader.Add(new ArgumentProblem(name.Name, NetworkArgument.Describe(misfit, network.File, reader.Value(name)!)));
        }
        catch (ArgumentException exception)
        {
            reader.Add(new ArgumentProblem(name.Name, exception.Message));
        }

        reader.ThrowIfProblems();
        throw new InvalidOperationException("refused");
    }

    private static ImageShape ReadShape(ArgumentReader reader, Option<string> option)
    {
        var text = reader.Text(option) ?? DefaultImage;
        var sizes = text.Split('x').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is > 0 and <= 65_536 ? size : 0).ToArray();
        if (sizes is [> 0, > 0, > 0])
        {
            return new ImageShape(sizes[0], sizes[1], sizes[2]);
        }

        reader.Add(option, $"expected channels, height and width such as {DefaultImage}, got '{text}'");
        return default;
    }

    private static IReadOnlyDictionary<string, long> ReadSizes(ArgumentReader reader, Option<string> option)
    {
        try
        {
            return NetworkSizes.Parse(reader.Text(option) ?? "");
        }
        catch (FormatException exception)
        {
            reader.Add(option, exception.Message);
            return new Dictionary<string, long>();
        }
    }

    private static Table CreateTable(List<LayerEntry> layers)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("layer", "kind", "parameters", "numbers");
        layers.ForEach(layer => table.AddRow(new Text(layer.Path), new Text(layer.What), new Text(string.Join(", ", layer.Shapes.Select(shape => shape.Length == 0 ? "1" : shape))), new Text(Format.Count(layer.Numbers))));
        table.AddRow(new Text("all"), new Text(""), new Text(""), new Text(Format.Count(layers.Sum(layer => layer.Numbers))));
        return table;
    }

    private static string KindOf(Layer layer) => layer switch
    {
        ConvLayer { HasBatchNorm: true } => "convolution, norm",
        ConvLayer => "convolution",
        NormLayer => "norm",
        BetaLayer => "beta",
        _ => "linear",
    };
}

/// <summary>A built-in network.</summary>
internal sealed record NetworkEntry(string Name, string Style, IReadOnlyDictionary<string, long> Parameters) : Report
{
    protected override string Kind => "network";
}

/// <summary>A network's description.</summary>
internal sealed record NetworkText(string Description) : Report
{
    protected override string Kind => "description";
}

/// <summary>A layer of a network.</summary>
internal sealed record LayerEntry(string Path, string What, IReadOnlyList<string> Shapes, long Numbers) : Report
{
    protected override string Kind => "layer";
}
