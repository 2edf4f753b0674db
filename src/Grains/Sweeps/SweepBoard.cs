using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The trials of a sweep and every way in which they change. Knows no grains: what is to be done about a change others decide.</summary>
internal sealed partial class SweepBoard
{
    private readonly List<TrialRecord> _trials;
    private readonly List<string> _json;
    private readonly List<SweepEvent> _events = [];
    private readonly IScheduler _scheduler;
    private readonly TimeProvider _clock;
    private (int Number, double Loss, int Front) _announced;

    public SweepBoard(string sweepId, SweepSpec spec, SweepRecord record, TimeProvider clock)
    {
        (SweepId, Spec, _clock) = (sweepId, spec, clock);
        (_scheduler, Sampler) = (Schedulers.Create(spec), Samplers.Create(spec));
        _json = [.. record.TrialsJson];
        _trials = _json.ConvertAll(json => JsonSerializer.Deserialize<TrialRecord>(json, RunEventJson.Options)!);
        (ExtraDraws, Requests, StopReason, Phase) = (record.ExtraDraws, [.. record.Requests], record.StopReason, record.Phase);
        Entries = _trials.ConvertAll(trial => trial.Entry);
        _announced = Standing();
    }

    public string SweepId { get; }

    public SweepSpec Spec { get; }

    public ISampler Sampler { get; }

    /// <summary>What samplers and schedulers see, by number.</summary>
    public List<TrialEntry> Entries { get; }

    public IReadOnlyList<TrialRecord> Trials => _trials;

    public SweepPhase Phase { get; private set; }

    public string StopReason { get; private set; }

    public int ExtraDraws { get; private set; }

    public HashSet<Guid> Requests { get; }

    /// <summary>Grows with every change.</summary>
    public long Version { get; private set; }

    public long TotalEpochs => Entries.Sum(trial => (long)trial.Epochs);

    /// <summary>Grows with every epoch and every finished trial.</summary>
    public long Progress => TotalEpochs + Entries.Count(trial => trial.IsFinished);

    public IEnumerable<TrialRecord> Running => _trials.Where(trial => trial.Entry.State == TrialState.Running);

    /// <summary>Trials there will be, as far as it is known.</summary>
    public int Planned => PlannedDraws + Entries.Count(trial => trial.Draw == 0);

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
        _trials.Add(trial);
        _json.Add("");
        Entries.Add(trial.Entry);
        Set(trial);
        return trial;
    }

    /// <summary>The paused trial that takes the next free place; null when none has earned it yet.</summary>
    public TrialPromotion? NextPromotion() => _scheduler.NextPromotion(Entries);

    /// <summary>The record that stores everything up to now, and the events it stands for.</summary>
    public (SweepRecord Record, IReadOnlyList<SweepEvent> Events) Take(SweepRecord record, long logSequence, TimeSpan active)
    {
        if (Phase != SweepPhase.Failed)
        {
            AnnounceBest(); // after a failure nothing may follow the last word, nor need anything be sound
        }

        var events = _events.ToList();
        _events.Clear();
        return (record with
        {
            Phase = Phase,
            TrialsJson = [.. _json],
            ExtraDraws = ExtraDraws,
            Requests = [.. Requests],
            StopReason = StopReason,
            Active = active,
            NewEventsJson = events.ConvertAll(SweepEventJson.Serialize),
            LogSequence = logSequence,
        }, events);
    }

    private void Set(TrialRecord trial)
    {
        var index = trial.Entry.Number - 1;
        (_trials[index], Entries[index], _json[index]) = (trial, trial.Entry, JsonSerializer.Serialize(trial, RunEventJson.Options));
        Version++;
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
        if (standing != _announced && standing.Number > 0)
        {
            _events.Add(new BestChanged
            {
                Best = Entries[standing.Number - 1].ToResult(),
                ParetoFront = FrontNumbers(),
            });
        }

        _announced = standing;
    }

    /// <summary>Numbers of the trials that no other beats in every goal; empty for one goal.</summary>
    public IReadOnlyList<int> FrontNumbers() =>
        Spec.Goals.Count < 2 ? [] : [.. Leaderboard.ParetoFront(Spec.Goals, Entries).Select(trial => trial.Number)];

    private (int Number, double Loss, int Front) Standing() => Leaderboard.Best(Spec.Goals, Entries) is { } best
        ? (best.Number, Leaderboard.LossOf(Spec.Goals[0], best.Metrics), FrontNumbers().Aggregate(0, HashCode.Combine))
        : (0, 0, 0);
}
