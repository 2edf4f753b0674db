using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Adds up the changes of a sweep's journal to its trials.</summary>
internal sealed class SweepTrials
{
    private readonly string _sweepId;
    private readonly SweepRecord _record;
    private readonly List<TrialRecord> _trials = [];
    private long _last;

    /// <summary>Begins with nothing, or with the trials that an earlier release kept in the record itself.</summary>
    public SweepTrials(string sweepId, SweepRecord record)
    {
        (_sweepId, _record) = (sweepId, record);
        if (!record.HasJournal)
        {
            _trials.AddRange(record.TrialsJson.Select(json => JsonSerializer.Deserialize<TrialRecord>(json, RunEventJson.Options)!));
        }
    }

    /// <summary>Takes the next entry of the journal.</summary>
    public void Take(SweepChange change)
    {
        if (change.Sequence != _last + 1)
        {
            throw Broken($"entry {_last + 1} is missing before {change.Sequence}");
        }

        _last = change.Sequence;
        foreach (var trial in change.Trials)
        {
            Apply(trial);
        }
    }

    /// <summary>Ends with the change of the record's own write.</summary>
    /// <returns>Every trial, by number.</returns>
    public IReadOnlyList<TrialRecord> Finish()
    {
        if (_record.ChangeJson.Length > 0 && _last == _record.JournalSequence)
        {
            Take(SweepChange.Parse(_record.ChangeJson));
        }

        return _last == _record.JournalEnd ? _trials : throw Broken($"it ends with entry {_last}, where its record expects {_record.JournalEnd}");
    }

    private void Apply(TrialChange change)
    {
        var number = change.Trial.Entry.Number;
        if (number == _trials.Count + 1)
        {
            _trials.Add(change.ApplyTo(before: null));
        }
        else if (number >= 1 && number <= _trials.Count)
        {
            _trials[number - 1] = change.ApplyTo(_trials[number - 1]);
        }
        else
        {
            throw Broken($"entry {_last} is of trial {number}, where {_trials.Count} trials are known");
        }
    }

    private InvalidDataException Broken(string what) => new(
        $"sweep {_sweepId}: the journal of its trials is not whole: {what}. Its store was emptied in part, or was kept by a silo that is gone; its trials' folders are as they were. Start the sweep again under another id");
}
