using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The trials of a sweep and every way in which they change. Knows no grains: what is to be done about a change others decide.</summary>
/// <remarks>Of every change it keeps count (<see cref="Tally"/>, <see cref="Ranking"/>, the scheduler), so that what follows from all trials is not looked up in all.</remarks>
internal sealed partial class SweepBoard
{
    private readonly List<TrialRecord> _trials = [];
    private readonly List<int> _storedReports = []; // by trial; one that is not stored has none
    private readonly SortedSet<int> _changed = [];
    private readonly List<SweepEvent> _events = [];
    private readonly IScheduler _scheduler;
    private readonly TimeProvider _clock;
    private int _storedTrials;
    private int _finishedUpTo;
    private (int? Number, double Loss, int Front) _announced;

    /// <param name="sweepId">The sweep's id.</param>
    /// <param name="spec">What was started.</param>
    /// <param name="record">Its record.</param>
    /// <param name="trials">The trials that record and journal add up to.</param>
    /// <param name="clock">The time.</param>
    public SweepBoard(string sweepId, SweepSpec spec, SweepRecord record, IReadOnlyList<TrialRecord> trials, TimeProvider clock)
    {
        (SweepId, Spec, _clock) = (sweepId, spec, clock);
        (_scheduler, Sampler, Ranking) = (Schedulers.Create(spec), Samplers.Create(spec), new TrialRanking(spec.Goals));
        (ExtraDraws, Requests, StopReason, Phase) = (record.ExtraDraws, [.. record.Requests], record.StopReason, record.Phase);
        foreach (var trial in trials)
        {
            Insert(trial);
        }

        if (record.HasJournal)
        {
            NoteStored(); // else the next write puts all into the journal
        }

        _announced = Standing();
    }

    public string SweepId { get; }

    public SweepSpec Spec { get; }

    public ISampler Sampler { get; }

    /// <summary>What samplers and schedulers see, by number.</summary>
    public List<TrialEntry> Entries { get; } = [];

    public TrialTally Tally { get; } = new();

    public TrialRanking Ranking { get; }

    public IReadOnlyList<TrialRecord> Trials => _trials;

    public SweepPhase Phase { get; private set; }

    public string StopReason { get; private set; }

    public int ExtraDraws { get; private set; }

    public HashSet<Guid> Requests { get; }

    /// <summary>Grows with every change.</summary>
    public long Version { get; private set; }

    public long TotalEpochs => Tally.Epochs;

    /// <summary>Grows with every epoch and every finished trial.</summary>
    public long Progress => TotalEpochs + Tally.Finished;

    public IEnumerable<TrialRecord> Running => Tally.Running.Select(number => _trials[number - 1]);

    /// <summary>The best trial so far; null before there is one.</summary>
    public TrialEntry? Best => Ranking.Best is { } number ? Entries[number - 1] : null;

    /// <summary>Trials from the first on that are finished without another between them.</summary>
    public int FinishedUpTo
    {
        get
        {
            while (_finishedUpTo < Entries.Count && Entries[_finishedUpTo].IsFinished)
            {
                _finishedUpTo++;
            }

            return _finishedUpTo;
        }
    }

    /// <summary>Trials there will be, as far as it is known.</summary>
    public int Planned => PlannedDraws + Tally.Count - Tally.Draws;

    /// <summary>Trials that the sampler is asked for.</summary>
    public int PlannedDraws => (int)Math.Min((long)Math.Min(Spec.MaxTrials ?? int.MaxValue, Sampler.TrialCount ?? int.MaxValue) + ExtraDraws, Sampler.TrialCount ?? int.MaxValue);

    /// <summary>Begins, pauses, goes on or stops.</summary>
    public void Enter(SweepPhase phase, SweepEvent? said = null)
    {
        Phase = phase;
        if (said is { IsFinal: true })
        {
            AnnounceBest(); // nothing may follow the last word
        }

        Say(said);
    }

    /// <summary>Says something that ends nothing.</summary>
    public void Warn(string message) => Say(new SweepWarning { Message = message });

    /// <summary>Ends the sweep early.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="sparesTrained">Whether trials that have made all their epochs may measure what they came to.</param>
    public void Stop(string reason, bool sparesTrained = false)
    {
        if (StopReason.Length == 0)
        {
            StopReason = reason;
            Enter(SweepPhase.Stopping);
            foreach (var trial in _trials.Where(trial => !trial.Entry.IsFinished && !(sparesTrained && IsTrained(trial))).ToList())
            {
                StopTrial(trial, reason);
            }
        }
    }

    /// <summary>Ends the sweep where it stands; trials keep what they have got done.</summary>
    public void Fail(string error)
    {
        (Phase, StopReason) = (SweepPhase.Failed, error);
        foreach (var trial in _trials.Where(trial => !trial.Entry.IsFinished).ToList())
        {
            Finish(trial, "the sweep failed");
        }

        Say(new SweepFailed { Error = error, Trials = [.. Entries.Select(trial => trial.ToResult())] });
    }

    /// <summary>Whether a trial's run has made every epoch and only measures.</summary>
    public bool IsTrained(TrialRecord trial) =>
        trial.Entry.State == TrialState.Running && trial.Entry.Epochs >= Spec.EpochsOf(trial.Entry.Parameters);

    /// <summary>Has every run pause at its next step.</summary>
    public void Pause()
    {
        Enter(SweepPhase.Pausing);
        foreach (var trial in Running.Where(trial => trial.StopReason is null).ToList())
        {
            Set(trial with { IsPausing = true });
        }
    }

    /// <summary>Grants a request for more trials.</summary>
    public void Add(AddTrials request)
    {
        if (!Requests.Add(request.RequestId))
        {
            return;
        }

        ExtraDraws += request.Count;
        foreach (var parameters in request.Parameters)
        {
            AddTrial(draw: 0, parameters);
        }

        Say(new TrialsAdded { Count = request.Count + request.Parameters.Count, Trials = Planned });
    }

    /// <summary>Puts a new trial at the end.</summary>
    public TrialRecord AddTrial(int draw, ParameterSet parameters)
    {
        var trial = new TrialRecord { Entry = new TrialEntry { Number = _trials.Count + 1, Draw = draw, Parameters = parameters } };
        Insert(trial);
        Version++;
        return trial;
    }

    /// <summary>The paused trial that takes the next free place; null when none has earned it yet.</summary>
    public TrialPromotion? NextPromotion() => _scheduler.NextPromotion();

    /// <summary>The record that stores what has changed since the last one, and the events it stands for.</summary>
    public (SweepRecord Record, IReadOnlyList<SweepEvent> Events) Take(SweepRecord record, long logSequence, TimeSpan active)
    {
        if (Phase != SweepPhase.Failed)
        {
            AnnounceBest(); // after a failure nothing may follow the last word, nor need anything be sound
        }

        var events = _events.ToList();
        _events.Clear();
        var change = new SweepChange { Sequence = record.JournalEnd + 1, Trials = [.. _changed.Select(ChangeOf)] };
        NoteStored();
        return (record with
        {
            Phase = Phase,
            TrialsJson = change.Trials.Count > 0 ? SweepRecord.InJournal : record.TrialsJson,
            ChangeJson = change.Trials.Count > 0 ? change.ToJson() : "",
            JournalSequence = record.JournalEnd,
            ExtraDraws = ExtraDraws,
            Requests = [.. Requests],
            StopReason = StopReason,
            Active = active,
            NewEventsJson = events.ConvertAll(SweepEventJson.Serialize),
            LogSequence = logSequence,
        }, events);
    }

    private TrialChange ChangeOf(int number) => TrialChange.Of(_trials[number - 1], number <= _storedTrials ? _storedReports[number - 1] : null);

    private void NoteStored()
    {
        foreach (var number in _changed)
        {
            _storedReports[number - 1] = Entries[number - 1].Reports.Count;
        }

        _changed.Clear();
        _storedTrials = _trials.Count;
    }

    private void Insert(TrialRecord trial)
    {
        _trials.Add(trial);
        _storedReports.Add(0);
        Entries.Add(trial.Entry);
        NoteChange(before: null, trial.Entry);
    }

    private void Set(TrialRecord trial)
    {
        var index = trial.Entry.Number - 1;
        var before = Entries[index];
        (_trials[index], Entries[index]) = (trial, trial.Entry);
        NoteChange(before, trial.Entry);
        Version++;
    }

    private void NoteChange(TrialEntry? before, TrialEntry after)
    {
        _changed.Add(after.Number);
        Tally.Note(before, after);
        Ranking.Note(after);
        _scheduler.Note(after);
    }

    private void Say(SweepEvent? said)
    {
        Version++;
        if (said is not null)
        {
            _events.Add(said);
        }
    }

    private void AnnounceBest()
    {
        var standing = Standing();
        if (standing != _announced && Best is { } best)
        {
            _events.Add(new BestChanged { Best = best.ToResult(), ParetoFront = Ranking.Front });
        }

        _announced = standing;
    }

    private (int? Number, double Loss, int Front) Standing() => Ranking.Best is { } best ? (best, Ranking.BestLoss, Ranking.FrontVersion) : (null, 0, 0);
}
