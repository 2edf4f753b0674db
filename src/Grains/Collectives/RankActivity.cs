using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>What a rank is doing: written by its training threads, read for its pulse.</summary>
internal sealed class RankActivity
{
    private const int Nobody = -1;
    private string _phase = "joining";
    private long _step;
    private long _progress;
    private int _waitingFor = Nobody;
    private RankReport? _work;

    /// <param name="phase">For people: "compute", "evaluate".</param>
    /// <param name="step">Steps done.</param>
    public void Enter(string phase, long step)
    {
        Volatile.Write(ref _phase, phase);
        Volatile.Write(ref _step, step);
        Advance();
    }

    /// <summary>What it does, and the step that this is part of or follows.</summary>
    public (string Phase, long Step) Now
    {
        get
        {
            var (phase, done) = (Volatile.Read(ref _phase), Volatile.Read(ref _step));
            return (phase, phase is "prepare" or "compute" or "apply" ? done + 1 : done);
        }
    }

    /// <summary>Something got done.</summary>
    public void Advance() => Interlocked.Increment(ref _progress);

    /// <summary>What was done since the rank began.</summary>
    public void Tell(RankReport work) => Volatile.Write(ref _work, work);

    /// <summary>Waits for a rank's parcel.</summary>
    public void WaitFor(int rank) => Volatile.Write(ref _waitingFor, rank);

    /// <summary>The parcel is there.</summary>
    public void EndWait()
    {
        Volatile.Write(ref _waitingFor, Nobody);
        Advance();
    }

    /// <summary>What the rank is doing now.</summary>
    public WorkerPulse Pulse(int rank, Guid incarnation)
    {
        var (phase, waitingFor) = (Volatile.Read(ref _phase), Volatile.Read(ref _waitingFor));
        return new WorkerPulse
        {
            Rank = rank,
            Incarnation = incarnation,
            Step = Volatile.Read(ref _step),
            Activity = waitingFor == Nobody ? phase : $"{phase}, waiting for rank {waitingFor}",
            WaitingFor = waitingFor,
            Progress = Volatile.Read(ref _progress),
            Work = Volatile.Read(ref _work),
        };
    }
}
