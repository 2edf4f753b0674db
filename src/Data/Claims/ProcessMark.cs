using System.Diagnostics;
using System.Globalization;

namespace Lcnn.Distributed.Data.Claims;

/// <summary>One process, told from every other, also from one that has its number after it.</summary>
/// <param name="Place">Where its number means something: a boot of a machine, and on it a container.</param>
/// <param name="Id">Its number there.</param>
/// <param name="Start">When it started, in the place's own measure.</param>
public sealed record ProcessMark(string Place, int Id, string Start)
{
    private const string Proc = "/proc";
    private const int ParentField = 1; // of those behind the name in /proc/ID/stat
    private const int StartField = 19;

    private static readonly string _here = FindPlace();

    /// <summary>This process.</summary>
    public static ProcessMark Current { get; } = Of(Environment.ProcessId)!;

    /// <summary>The process that started this one; null where that cannot be told.</summary>
    public static ProcessMark? Parent { get; } =
        ReadStat(Environment.ProcessId) is { } stat && int.TryParse(stat[ParentField], NumberStyles.None, CultureInfo.InvariantCulture, out var parent) ? Of(parent) : null;

    /// <summary>Whether it still runs; null where that cannot be told from here.</summary>
    public bool? IsAlive()
    {
        if (Place != _here || Id <= 0)
        {
            return null;
        }

        try
        {
            using var process = Process.GetProcessById(Id);
            return ReadStart(Id) is { } start ? start == Start : ReadStat(Id) is null ? null : false;
        }
        catch (ArgumentException)
        {
            return false; // no such process
        }
    }

    private static ProcessMark? Of(int id) => ReadStart(id) is { } start ? new ProcessMark(_here, id, start) : null;

    // A zombie has ended, whoever is to collect it; another user's process may be hidden.
    private static string? ReadStart(int id)
    {
        if (OperatingSystem.IsLinux())
        {
            return ReadStat(id) is [not "Z" and not "X", ..] stat ? stat[StartField] : null;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            return null;
        }
    }

    // A name may hold blanks and parentheses, what follows it none.
    private static string[]? ReadStat(int id)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"{Proc}/{id}/stat"));
            var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > StartField ? fields : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string FindPlace()
    {
        try
        {
            var boot = File.ReadAllText($"{Proc}/sys/kernel/random/boot_id").Trim();
            return $"{boot} {new FileInfo($"{Proc}/self/ns/pid").LinkTarget}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Environment.MachineName;
        }
    }
}
