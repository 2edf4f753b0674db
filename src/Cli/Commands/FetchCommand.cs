using System.CommandLine;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn fetch</c>: copies a snapshot of a cluster's run to this machine.</summary>
internal static class FetchCommand
{
    public static Command Create(CliServices services)
    {
        var run = ClusterCommand.Run();
        var output = CommonOptions.Value("--out", "folder", $"Folder that the snapshot's own goes into. Default: {OutputFolder.Root}/RUN");
        var snapshot = CommonOptions.Value("--snapshot", "name", "Which one, by the name of its folder. Default: the newest that is whole");
        return ClusterCommand.Create(
            "fetch", "Copy a snapshot of a run from its silos to this machine; a copy that was cut short is gone on with.", services, [run, output, snapshot],
            async (reader, writer, launcher, cancellationToken) =>
            {
                var id = reader.Value(run);
                var folder = reader.Text(output);
                var name = reader.Text(snapshot);
                reader.ThrowIfProblems();
                folder = Path.GetFullPath(folder ?? Path.Combine(OutputFolder.Root, id), services.WorkingDirectory);
                var handle = await launcher.FindAsync(id, cancellationToken);
                var ((info, path), average) = await CopyAsync(handle.Snapshots, name, folder, cancellationToken);
                writer.WriteLine(
                    new FetchedReport { RunId = id, Snapshot = info.Name, Step = info.Step, WeightsSha256 = info.WeightsSha256, Bytes = info.TotalBytes, Path = path, EmaModelPath = average },
                    $"{id}: step {info.Step} in {path} ({info.TotalBytes:N0} bytes, every SHA-256 as recorded){(average is null ? "" : $"; the average of its weights in {average}")}");
                return ExitCode.Done;
            });
    }

    private static async Task<(SnapshotCopy Copy, string? Average)> CopyAsync(
        IRunSnapshots snapshots, string? name, string folder, CancellationToken cancellationToken)
    {
        try
        {
            var copy = await snapshots.DownloadAsync(name, folder, progress: null, cancellationToken);
            return (copy, await Task.Run(() => FetchedAverage.Write(copy.Path), cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--out: {exception.Message}", exception);
        }
    }
}

/// <summary>What was copied.</summary>
internal sealed record FetchedReport : Report
{
    protected override string Kind => "fetched";
    public string RunId { get; init; } = "";
    public string Snapshot { get; init; } = "";
    public long Step { get; init; }
    public string WeightsSha256 { get; init; } = "";
    public long Bytes { get; init; }
    public string Path { get; init; } = "";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EmaModelPath { get; init; }
}
