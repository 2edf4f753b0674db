using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Series;
using Lcnn.Distributed.Grains.Folders;

namespace Lcnn.Distributed.Grains.Histories;

/// <summary>Tells what a run's folder says of its past, without a cluster.</summary>
public static class StoredHistoryReader
{
    /// <summary>The history of the run that wrote there last, the steps before it included.</summary>
    /// <param name="folder">Of a run.</param>
    /// <param name="points">Buckets of steps at most.</param>
    /// <exception cref="DataFileException">The file of its steps is damaged, or is another.</exception>
    /// <exception cref="FileNotFoundException">The folder has neither steps nor a report.</exception>
    public static StoredHistory Read(string folder, int points)
    {
        var (path, report) = (Path.Combine(folder, SnapshotFiles.Series), RunFolderReader.ReadReport(folder));
        var index = new SeriesIndex(path);
        index.Refresh();
        if (index.End == default)
        {
            return report is null
                ? throw new FileNotFoundException($"'{folder}' holds neither {SnapshotFiles.Series} nor {SnapshotFiles.Report}: expected the folder of a run")
                : new StoredHistory { RunId = report.RunId, Events = [report] };
        }

        var buckets = new SeriesBuckets(new SeriesQuery { Points = points }, Math.Max(1, index.End.Step));
        index.FillIn(buckets);
        var events = index.WithNotes().SelectMany(block => block.Notes).Select(note => Deserialize(path, note.Json));
        return new StoredHistory { RunId = index.End.RunId, Series = buckets.Window(index.End.RunId), Events = [.. events] };
    }

    /// <summary>All of it: every step, and what else happened, as the events they were; numbers of steps in float32, without their places in the log.</summary>
    /// <remarks>What is not read to its end is not looked at. What happened beside the steps of a block comes before them.</remarks>
    /// <exception cref="DataFileException">The file of its steps is damaged, or is another.</exception>
    /// <exception cref="FileNotFoundException">The folder has no steps.</exception>
    public static IEnumerable<RunEvent> Replay(string folder)
    {
        var path = Path.Combine(folder, SnapshotFiles.Series);
        return !File.Exists(path)
            ? throw new FileNotFoundException($"'{folder}' holds no {SnapshotFiles.Series}: expected the folder of a run that has made a step")
            : SeriesFile.Read(path).SelectMany(block => block.Notes.Select(note => Deserialize(path, note.Json)).Concat(SeriesBlockBuilder.StepsOf(block)));
    }

    private static RunEvent Deserialize(string path, string json)
    {
        try
        {
            return RunEventJson.Deserialize(json);
        }
        catch (JsonException exception)
        {
            throw new DataFileException(path, "events of a run", exception.Message, "Read it with the release that wrote it", exception);
        }
    }
}

/// <summary>What is known of a run's past.</summary>
public sealed record StoredHistory
{
    /// <summary>The newest run in the folder.</summary>
    public string RunId { get; init; } = "";

    /// <summary>Its steps, and those before it that it went on from.</summary>
    public SeriesWindow Series { get; init; } = new();

    /// <summary>What happened beside them, in order; of earlier runs in the folder, too.</summary>
    public IReadOnlyList<RunEvent> Events { get; init; } = [];

    /// <summary>Evaluated epochs, each once.</summary>
    public IReadOnlyList<EpochCompleted> Epochs => [.. Events.OfType<EpochCompleted>().GroupBy(epoch => epoch.Epoch).Select(group => group.Last()).OrderBy(epoch => epoch.Epoch)];

    /// <summary>The newest start; null where it is not known.</summary>
    public RunStarted? Started => Events.OfType<RunStarted>().LastOrDefault();

    /// <summary>The report of a run that was trained to its end; null of another.</summary>
    public RunCompleted? Completed => Events.OfType<RunCompleted>().LastOrDefault(completed => completed.RunId == RunId);

    /// <summary>What the run was asked for; null where it is not known.</summary>
    public RunSpec? Spec => Started?.Spec ?? Completed?.Spec;
}
