using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Series;
using Lcnn.Distributed.Grains.Histories;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Reads steps of a run: those in the history in its folder, if this silo sees it, then those that only the log has yet.</summary>
/// <remarks>What the folder says is remembered from one look to the next.</remarks>
internal sealed partial class SeriesReader(string runId, RunEventLog log, string folder, ILogger logger)
{
    private readonly SeriesIndex _index = new(RunSeries.PathIn(folder));

    /// <summary>The steps that are asked for.</summary>
    /// <param name="query">Without problems.</param>
    /// <param name="lastStep">Newest step of the run; what another has added to the folder since is not its own.</param>
    public async Task<SeriesWindow> ReadAsync(SeriesQuery query, long lastStep, CancellationToken cancellationToken)
    {
        var buckets = new SeriesBuckets(query, lastStep);
        var end = await ReadFileAsync(() => _index.FillIn(buckets), cancellationToken);
        var waiting = new SeriesBlockBuilder(runId, end.Step);
        await foreach (var logged in log.ReadAllAsync(end.RunId == runId ? end.LastSequence : 0, cancellationToken))
        {
            if (logged is StepCompleted step && step.Step > waiting.Step)
            {
                waiting.Add(step);
            }

            if (waiting.IsFull)
            {
                buckets.Add(waiting.Build());
                waiting = new SeriesBlockBuilder(runId, waiting.Step);
            }
        }

        buckets.Add(waiting.Build());
        return buckets.Window(runId);
    }

    /// <summary>What happened to the run beside its steps, in order.</summary>
    /// <param name="after">Number of the newest event that the caller has; 0 for none.</param>
    public async Task<IReadOnlyList<RunEvent>> ReadHistoryAsync(long after, CancellationToken cancellationToken)
    {
        var history = new List<RunEvent>();
        var end = await ReadFileAsync(
            () => history.AddRange(_index.WithNotes(runId, after).SelectMany(block => block.Notes).Select(note => RunEventJson.Deserialize(note.Json)).Where(logged => logged.Sequence > after)),
            cancellationToken);
        await foreach (var logged in log.ReadAllAsync(Math.Max(after, end.RunId == runId ? end.LastSequence : 0), cancellationToken))
        {
            if (SeriesBlockBuilder.IsNote(logged))
            {
                history.Add(logged);
            }
        }

        return history;
    }

    private Task<SeriesEnd> ReadFileAsync(Action read, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            lock (_index)
            {
                TryRead(_index.Refresh);
                TryRead(read); // what is before a damage is told
                return _index.End;
            }
        },
        cancellationToken);

    private void TryRead(Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DataFileException or JsonException)
        {
            LogNotRead(exception, runId, folder);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId}: its history in {Folder} could not be read; the log has what is left of it")]
    private partial void LogNotRead(Exception exception, string runId, string folder);
}
