namespace Lcnn.Distributed.Model.Diagnostics;

/// <summary>What the driver calls the GPUs of this machine.</summary>
internal static class GpuModel
{
    private const string Folder = "/proc/driver/nvidia/gpus";
    private const string Label = "Model:";

    /// <summary>Every model once, by name; empty where no driver tells (all but Linux).</summary>
    public static string OfMachine(string folder = Folder)
    {
        try
        {
            return string.Join(", ", Directory.EnumerateDirectories(folder)
                .SelectMany(gpu => File.ReadLines(Path.Combine(gpu, "information")))
                .Where(line => line.StartsWith(Label, StringComparison.Ordinal))
                .Select(line => line[Label.Length..].Trim())
                .Distinct()
                .Order(StringComparer.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
