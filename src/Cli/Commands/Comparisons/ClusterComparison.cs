using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary>What the folder of a comparison on a cluster says of its sweep, so that it is found again.</summary>
/// <param name="SweepId">On the cluster.</param>
/// <param name="Spec">As it was started.</param>
internal sealed record ClusterComparison(string SweepId, SweepSpec Spec)
{
    /// <summary>Its file.</summary>
    public const string FileName = "compare.sweep";

    /// <summary>That of a folder; null where it has none.</summary>
    /// <exception cref="IOException">It cannot be read, or is none.</exception>
    public static ClusterComparison? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<ClusterComparison>(File.ReadAllText(file), RunEventJson.Options) : null;
        }
        catch (JsonException exception)
        {
            throw new IOException($"'{file}' does not say which sweep it is: {exception.Message}", exception);
        }
    }

    /// <summary>Writes it into a folder.</summary>
    /// <exception cref="Services.BadInputException">It cannot be written.</exception>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        OutputFile.Save(Path.Combine(folder, FileName), file => file.WriteLine(JsonSerializer.Serialize(this, RunEventJson.Options)));
    }
}
