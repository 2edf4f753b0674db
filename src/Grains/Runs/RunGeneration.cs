using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>One membership of a run and what its workers tell; decides when it is over. Used from the coordinator's turns alone.</summary>
internal sealed class RunGeneration
{
    private readonly MemberRecord[] _members;
    private readonly WorkerFinished?[] _finished;
    private readonly WorkerPulse[] _pulses;
    private readonly long[] _progressAt;
    private readonly long[] _heardAt;
    private readonly SortedDictionary<int, WorkerFailed> _unreachable = [];
    private readonly TaskCompletionSource<GenerationEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _clock;
    private readonly bool _canSpareSilos;
    private readonly bool[] _hasJoined;
    private long _loadedAt;
    private long _firstUnreachableAt;
    private long _madeStep;
    private bool _hasBegun;
    private bool _isAdopted;

    /// <summary>Begins to watch over the members.</summary>
    /// <param name="number">Membership number.</param>
    /// <param name="members">In rank order.</param>
    /// <param name="clock">Measures their silence.</param>
    /// <param name="canSpareSilos">Whether the run goes on without a silo that is of no use to it; else it ends, as nothing is lost yet.</param>
    public RunGeneration(int number, IReadOnlyList<MemberRecord> members, TimeProvider clock, bool canSpareSilos = false)
    {
        _canSpareSilos = canSpareSilos;
        Number = number;
        _members = [.. members];
        _clock = clock;
        _finished = new WorkerFinished?[_members.Length];
        _pulses = [.. _members.Select(member => new WorkerPulse { Rank = member.Rank, Incarnation = member.Incarnation, Activity = "joining" })];
        _progressAt = [.. _members.Select(_ => clock.GetTimestamp())];
        _heardAt = [.. _progressAt];
        _hasJoined = new bool[_members.Length];
        _loadedAt = clock.GetTimestamp();
    }

    /// <summary>Membership number.</summary>
    public int Number { get; }

    /// <summary>In rank order.</summary>
    public IReadOnlyList<MemberRecord> Members => _members;

    /// <summary>What each rank told last, in rank order.</summary>
    public IReadOnlyList<RankStatus> Ranks => [.. _members.Zip(_pulses, static (member, pulse) => new RankStatus
    {
        Rank = member.Rank,
        Silo = member.Silo,
        Device = member.Device,
        Step = pulse.Step,
        Activity = pulse.Activity,
        WaitingFor = pulse.WaitingFor,
        Work = pulse.Work,
    })];

    /// <summary>Steps done by the rank that is furthest, as far as is known.</summary>
    public long Step => _pulses.Max(pulse => pulse.Step);

    /// <summary>Done when the generation is over.</summary>
    public Task<GenerationEnd> End => _end.Task;

    /// <summary>All ranks have made that step: pulses may tell so only later.</summary>
    public void NoteStep(long step) => _madeStep = Math.Max(_madeStep, step);

    /// <summary>A rank has more of the data it joins with. A data set is loaded once for all ranks of a process, so that this counts for all.</summary>
    public void NoteLoading() => _loadedAt = _clock.GetTimestamp();

    /// <summary>A rank has joined.</summary>
    public void NoteJoined(int rank)
    {
        _hasJoined[rank] = true;
        NoteLoading();
    }

    /// <summary>All ranks have joined and are told to begin: from now on they have to make progress, each of them.</summary>
    public void Begin()
    {
        _hasBegun = true;
        Array.Fill(_progressAt, _clock.GetTimestamp());
        Array.Fill(_heardAt, _clock.GetTimestamp());
    }

    /// <summary>Takes over ranks that another coordinator told to begin. One that did not answer has the time of any that falls silent.</summary>
    /// <param name="pulses">What each rank answered; null where none did.</param>
    public void Adopt(IReadOnlyList<WorkerPulse?> pulses)
    {
        _isAdopted = true;
        Begin();
        foreach (var pulse in pulses.OfType<WorkerPulse>())
        {
            Take(pulse);
        }

        foreach (var member in _members.Where(member => pulses[member.Rank] is null))
        {
            _pulses[member.Rank] = _pulses[member.Rank] with { Step = Step, Activity = "not heard of since another coordinator was lost" };
        }
    }

    /// <summary>Members that were told to begin and have not been heard of for so long.</summary>
    public IReadOnlyList<MemberRecord> SilentFor(TimeSpan time) =>
        [.. _members.Where(member => _hasBegun && _clock.GetElapsedTime(_heardAt[member.Rank]) >= time)];

    /// <summary>Takes a sign of life; answers of another incarnation mean that the worker has forgotten its part.</summary>
    public void Take(WorkerPulse pulse)
    {
        if (!IsMember(pulse.Rank))
        {
            return;
        }

        if (pulse.Incarnation != _members[pulse.Rank].Incarnation)
        {
            Lose(pulse.Rank, "its process has forgotten it");
            return;
        }

        if (_isAdopted && !pulse.HasBegun)
        {
            Lose(pulse.Rank, "another coordinator was lost before it was told to begin");
            return;
        }

        _heardAt[pulse.Rank] = _clock.GetTimestamp();
        if (pulse.Progress != _pulses[pulse.Rank].Progress)
        {
            _progressAt[pulse.Rank] = _clock.GetTimestamp();
        }

        _pulses[pulse.Rank] = pulse;
        if (pulse.Failed is { } failed)
        {
            Fail(failed);
        }
        else if (pulse.Finished is { } finished)
        {
            Finish(finished);
        }
    }

    /// <summary>A rank has nothing left to do.</summary>
    public void Finish(WorkerFinished finished)
    {
        if (!IsMember(finished.Report.Rank))
        {
            return;
        }

        _finished[finished.Report.Rank] = finished;
        if (!_finished.Contains(null))
        {
            _end.TrySetResult(new GenerationEnd.Finished([.. _finished.OfType<WorkerFinished>()]));
        }
    }

    /// <summary>A rank cannot go on.</summary>
    public void Fail(WorkerFailed failed)
    {
        if (failed.Kind != FailureKind.Lost)
        {
            _end.TrySetResult(new GenerationEnd.Broken(failed.Error, failed.Kind == FailureKind.BadInput));
        }
        else if (IsMember(failed.Unreachable))
        {
            _firstUnreachableAt = _unreachable.Count == 0 ? _clock.GetTimestamp() : _firstUnreachableAt;
            _unreachable[failed.Rank] = failed;
        }
        else
        {
            Lose(failed.Rank, failed.Error);
        }
    }

    /// <summary>A rank is gone.</summary>
    /// <param name="rank">Which.</param>
    /// <param name="reason">Why.</param>
    /// <param name="avoid">The silo not to be used next, as others do not reach it.</param>
    /// <param name="isSiloGone">Whether its whole silo is known to be lost.</param>
    public void Lose(int rank, string reason, string? avoid = null, bool isSiloGone = false)
    {
        var (member, pulse) = (_members[rank], _pulses[rank]);
        var where = _madeStep > pulse.Step
            ? $"step {_madeStep + 1} (last heard of at step {pulse.Step + 1}: {pulse.Activity})"
            : $"step {pulse.Step + 1} ({pulse.Activity})";
        _end.TrySetResult(new GenerationEnd.Lost($"rank {rank} on {member.Silo} was lost at {where}: {reason}", member.Silo, avoid, isSiloGone));
    }

    /// <summary>A rank's silo is of no use to the run.</summary>
    public void Refuse(int rank, string problem) => _end.TrySetResult(_canSpareSilos
        ? new GenerationEnd.Refused($"silo {_members[rank].Silo} is left out: {problem}", _members[rank].Silo)
        : new GenerationEnd.Broken(problem, BadInput: true));

    /// <summary>The run cannot go on, with whatever workers.</summary>
    public void Break(string error) => _end.TrySetResult(new GenerationEnd.Broken(error, BadInput: false));

    /// <summary>Ends it without a result.</summary>
    public void Interrupt() => _end.TrySetResult(new GenerationEnd.Interrupted());

    /// <summary>Looks for ranks that get nothing done, and for cut connections.</summary>
    /// <param name="stallTimeout">Time without progress after which a rank is lost.</param>
    /// <param name="joinTimeout">Time without anything loaded by any rank after which one that has not joined is lost.</param>
    /// <param name="gatherTime">Time in which all ranks that cannot reach one are heard.</param>
    public void CheckProgress(TimeSpan stallTimeout, TimeSpan joinTimeout, TimeSpan gatherTime)
    {
        if (_unreachable.Count > 0 && _clock.GetElapsedTime(_firstUnreachableAt) >= gatherTime)
        {
            EvictUnreachable();
        }

        var stalled = Enumerable.Range(0, _members.Length)
            .Where(rank => _hasBegun && _finished[rank] is null && !IsHeldUp(rank) && _clock.GetElapsedTime(_progressAt[rank]) >= stallTimeout)
            .ToList();
        if (Culprit(stalled) is { } culprit)
        {
            Lose(culprit, $"no progress for {stallTimeout.TotalSeconds:0} s");
        }

        if (!_hasBegun && Array.IndexOf(_hasJoined, false) is var absent and >= 0 && _clock.GetElapsedTime(_loadedAt) >= joinTimeout)
        {
            Lose(absent, $"it has not joined, and nothing got loaded for {joinTimeout.TotalSeconds:0} s");
        }
    }

    // Its training has ended and its reports wait for the coordinator or its store, or it waits for such a rank.
    private bool IsHeldUp(int rank)
    {
        for (var hops = 0; hops < _members.Length && IsMember(rank); hops++)
        {
            if (_finished[rank] is null && _pulses[rank].IsReporting)
            {
                return true;
            }

            rank = _pulses[rank].WaitingFor;
        }

        return false;
    }

    // Those who wait are stalled by the one at the end of their waits: nobody is at fault while that one gets something done, and of
    // those who wait in a circle it is the one waited for by most (tie: the higher rank).
    private int? Culprit(List<int> stalled)
    {
        var ends = stalled.Select(EndOfWaits).ToList();
        var busy = ends.Where(rank => rank is not null && (stalled.Contains(rank.Value) || _finished[rank.Value] is not null)).ToList();
        return busy.Count > 0 ? busy.Max()
            : ends.Contains(null) ? stalled.Select(rank => _pulses[rank].WaitingFor).GroupBy(rank => rank).OrderBy(group => group.Count()).ThenBy(group => group.Key).Last().Key
            : null;
    }

    // Null where they wait in a circle.
    private int? EndOfWaits(int rank)
    {
        for (var hops = 0; hops < _members.Length; hops++)
        {
            if (!IsMember(_pulses[rank].WaitingFor))
            {
                return rank;
            }

            rank = _pulses[rank].WaitingFor;
        }

        return null;
    }

    // A partial cut evicts the rank that fewer peers reach (tie: the higher).
    private void EvictUnreachable()
    {
        var cutOff = _unreachable.Values.GroupBy(failed => failed.Unreachable).OrderBy(group => group.Count()).ThenBy(group => group.Key).Last();
        var silo = _members[cutOff.Key].Silo;
        Lose(cutOff.Key, cutOff.First().Error, _members.All(member => member.Silo == silo) ? null : silo);
    }

    private bool IsMember(int rank) => rank >= 0 && rank < _members.Length;
}
