using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests;

/// <summary>One small undisturbed run on digits, made once, that many tests compare with or go on from. Nobody writes to its folder.</summary>
public sealed class FinishedRun : IAsyncLifetime
{
    public const int StepsPerEpoch = 23;
    public const int Steps = 3 * StepsPerEpoch;

    private readonly TemporaryFolder _folder = new();

    /// <summary>What decides its weights.</summary>
    public static IReadOnlyList<string> Settings { get; } = ["--epochs", "3", "--shards", "4", "--loss", "curvature+gradnorm"];

    /// <summary>Its settings, and two workers of one thread.</summary>
    public static IReadOnlyList<string> Arguments { get; } = [.. Settings, "--workers", "2", "--threads", "1", "--curvature-samples", "64"];

    public string Folder => _folder["run"];

    /// <summary>Its snapshots, oldest first.</summary>
    public IReadOnlyList<string> Snapshots => SnapshotsOf(Folder);

    /// <summary>Its <c>completed</c> event.</summary>
    public JsonElement Completed { get; private set; }

    public static IReadOnlyList<string> SnapshotsOf(string folder) =>
        [.. Directory.GetDirectories(folder, "step-*").OrderBy(path => int.Parse(Path.GetFileName(path)[5..].Split('.')[0], null))];

    public async ValueTask InitializeAsync() => Completed = await RunEvents.TrainAsync([.. Arguments, "--out", Folder]);

    /// <summary>Copies it, so that a test can do to the copy what it likes.</summary>
    public string CopyTo(string folder)
    {
        foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return folder;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
