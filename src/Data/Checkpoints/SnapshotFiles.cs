using System.Text.RegularExpressions;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>The names in a run's folder.</summary>
public static partial class SnapshotFiles
{
    public const string Model = "model.safetensors";
    public const string ModelAverage = "model_ema.safetensors";
    public const string Optimizer = "optimizer.safetensors";
    public const string State = "state.json";
    public const string Latest = "latest";
    public const string Report = "report.json";
    public const string Page = "report.html";
    public const string Series = "series.lcns";
    public const string SetAside = "set-aside";
    public const string TemporaryPrefix = ".tmp-";
    public const string TemporaryLatestPrefix = TemporaryPrefix + Latest + "-";
    public const string TemporaryModelPrefix = TemporaryPrefix + "model-";
    public const string ProbePrefix = TemporaryPrefix + "probe-";

    /// <summary>What lies beside the snapshots and is said of the newest one.</summary>
    public static IReadOnlyList<string> OfTheNewest { get; } = [Report, Page, Model, ModelAverage];

    public static string Temporary(SnapshotName name) => TemporaryPrefix + name;

    /// <summary>Whether a name is one that an interrupted writer leaves behind: of a snapshot's folder, or of a file that was to be renamed.</summary>
    public static bool IsTemporary(string name) => TemporaryFile().IsMatch(name)
        || (name.StartsWith(TemporaryPrefix, StringComparison.Ordinal) && SnapshotName.TryParse(name[TemporaryPrefix.Length..], out _));

    [GeneratedRegex(@"\A(\.tmp-(latest|model)-[0-9a-f]{8}|\.tmp-probe-g[0-9]{1,10}\.[0-9a-f]{32}|report\.json\.tmp|series\.lcns\.tmp)\z", RegexOptions.CultureInvariant)]
    private static partial Regex TemporaryFile();
}
