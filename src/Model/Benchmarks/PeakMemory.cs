using System.Globalization;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>How far some work raises the resident memory of the process; NaN where the system does not tell (all but Linux).</summary>
internal static class PeakMemory
{
    private const string Status = "/proc/self/status";
    private const string ResetPeak = "5"; // of VmHWM, proc(5)

    /// <summary>Megabytes above what was resident before.</summary>
    public static double Of(Action work)
    {
        NativeHeap.Trim();
        var before = Read("VmRSS:");
        try
        {
            File.WriteAllText("/proc/self/clear_refs", ResetPeak);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            before = double.NaN;
        }

        work();
        return Read("VmHWM:") - before;
    }

    private static double Read(string name)
    {
        var line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) : null;
        return line is null ? double.NaN : long.Parse(line[name.Length..].Replace("kB", ""), NumberStyles.Integer | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
