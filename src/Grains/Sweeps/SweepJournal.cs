using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What the writes of a sweep's record changed in its trials, one after the other: the trials are what the journal adds up to.</summary>
/// <remarks>
/// A write costs what it changes. The record, whose size does not grow with the sweep, holds the change of its own write and the number of
/// the journal's newest entry before it; storing it is the commit, under its number, write id and ETag as ever. Only then is the change
/// appended to the journal, and only when it is there does the next write of the record begin. So the journal holds every change but
/// perhaps the record's own, which whoever takes the sweep up appends first. An append that comes late, from an activation that was
/// superseded, finds its very entry or is refused: numbers are stored once. A change holds new reports and not old ones, so that the
/// journal stays as large as what it adds up to, and needs no compaction.
/// </remarks>
internal sealed partial class SweepJournal
{
    private const int Page = 1_000;

    private readonly string _sweepId;
    private readonly IEventLogStore<SweepChange> _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private long _last;

    private SweepJournal(string sweepId, IEventLogStore<SweepChange> store, TimeProvider clock, ILogger logger) =>
        (_sweepId, _store, _clock, _logger) = (sweepId, store, clock, logger);

    /// <summary>Opens the journal of a sweep, new or to be continued.</summary>
    /// <remarks>Fails at once when the store is away. Appends nothing: the record's own change is for <see cref="RestoreAsync"/>.</remarks>
    /// <returns>The journal, and the trials of the record by number.</returns>
    /// <exception cref="InvalidDataException">It is not the journal that the record tells of.</exception>
    public static async Task<(SweepJournal Journal, IReadOnlyList<TrialRecord> Trials)> OpenAsync(
        string sweepId, SweepRecord record, IEventLogStore<SweepChange> store, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var journal = new SweepJournal(sweepId, store, clock, logger);
        var trials = new SweepTrials(sweepId, record);
        while (await store.ReadAfterAsync(sweepId, journal._last, Page, cancellationToken) is [.., var newest] page)
        {
            foreach (var change in page)
            {
                trials.Take(change);
            }

            journal._last = newest.Sequence;
        }

        return (journal, trials.Finish());
    }

    /// <summary>Appends the record's own change where a crash kept it from the journal.</summary>
    /// <exception cref="EventLogSupersededException">Another silo has taken over.</exception>
    public Task RestoreAsync(SweepRecord record, CancellationToken cancellationToken) => AppendAsync(record, cancellationToken);

    /// <summary>Appends the change of the record that was just stored; waits while the store is away.</summary>
    /// <exception cref="EventLogSupersededException">Another silo has taken over.</exception>
    /// <exception cref="StoreRefusedException">The store has refused it for too long.</exception>
    public async Task AppendAsync(SweepRecord record, CancellationToken cancellationToken)
    {
        if (record.ChangeJson.Length == 0 || record.JournalSequence < _last)
        {
            return;
        }

        var (change, refusals) = (SweepChange.Parse(record.ChangeJson), new Refusals(_clock));
        for (var attempt = 0; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var appended = await _store.AppendAsync(_sweepId, [change], cancellationToken);
                if (appended.IsSuperseded)
                {
                    throw new EventLogSupersededException(_sweepId, change.Sequence, appended.LastSequence);
                }

                _last = change.Sequence;
                return;
            }
            catch (Exception exception) when (exception is not EventLogSupersededException && !cancellationToken.IsCancellationRequested)
            {
                LogNotAppended(attempt == 0 ? LogLevel.Warning : LogLevel.Debug, exception, _sweepId, change.Sequence);
                refusals.Note(exception, $"what has changed in the trials of {_sweepId}");
                await Backoff.WaitAsync(attempt, _clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(Message = "{SweepId}: change {Sequence} of its trials could not be appended to the journal; it is tried again")]
    private partial void LogNotAppended(LogLevel level, Exception exception, string sweepId, long sequence);
}
