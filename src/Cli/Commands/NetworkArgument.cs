using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Networks;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The file of a network, where <c>--arch</c> names one and no built-in network.</summary>
internal static class NetworkArgument
{
    private static readonly string[] _endings = [".yaml", ".yml", ".json"];

    /// <summary>Whether a text is a path and no name.</summary>
    public static bool IsFile(string text) =>
        text.AsSpan().ContainsAny('/', '\\') || _endings.Any(ending => text.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads the file; null where none is named, or where it cannot be used: then the reader has the problems.</summary>
    public static async Task<NetworkFile?> ReadAsync(ArgumentReader reader, Symbol argument, string? given, CliServices services, ElementKinds kinds, CancellationToken cancellationToken)
    {
        if (given is null || !IsFile(given))
        {
            return null;
        }

        try
        {
            return await NetworkFile.ReadAsync(Path.Combine(services.WorkingDirectory, HomeFolder.Expand(given)), kinds, cancellationToken);
        }
        catch (InvalidNetworkException refused)
        {
            foreach (var problem in refused.Problems)
            {
                reader.Add(new ArgumentProblem(argument.Name, $"{problem with { File = given }}"));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            reader.Add(new ArgumentProblem(argument.Name, $"'{given}' cannot be read: {exception.Message}"));
        }

        return null;
    }

    /// <summary>Names the layer that does not fit a run's images, with its line, where their shape is known before a silo has them.</summary>
    public static void CheckShapes(ArgumentReader reader, Symbol argument, NetworkFile network, string file, RunSpec spec)
    {
        if (!DataSetCatalog.Names.Contains(spec.Dataset) || network.Description.OwnKinds.Count > 0)
        {
            return;
        }

        var data = DataSetCatalog.Find(spec.Dataset);
        try
        {
            Architectures.Build(network.Description, NetworkSizes.Parse(spec.NetworkParameters), new ImageShape(data.Channels, data.Height, data.Width), data.Classes);
        }
        catch (NetworkShapeException misfit)
        {
            reader.Add(new ArgumentProblem(argument.Name, Describe(misfit, network, file)));
        }
    }

    /// <summary>A layer that does not fit, with its line where the network is of a file.</summary>
    /// <param name="misfit">The layer.</param>
    /// <param name="network">The file that was read, if any.</param>
    /// <param name="file">As it was named.</param>
    public static string Describe(NetworkShapeException misfit, NetworkFile? network, string file)
    {
        var message = $"layer {misfit.Path}: {misfit.Problem}";
        return network is null ? message : $"{network.At(misfit.Where, message) with { File = file }}";
    }
}
