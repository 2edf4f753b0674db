namespace Lcnn.Distributed.Grains.Benchmarks.Networks;

/// <summary>Where one rank is in its steps, and what has come for it.</summary>
internal sealed class SimulatedRank(int number, int process)
{
    private readonly Dictionary<int, int> _prepared = [];
    private readonly Dictionary<(int Step, int Bucket), int> _sums = [];
    private readonly HashSet<(int Step, int Bucket)> _sent = [];

    public int Number => number;

    public int Process => process;

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    /// <summary>The bucket that it applies next.</summary>
    public int Bucket { get; set; }

    /// <summary>Whether the step's passes have begun.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Whether they are over.</summary>
    public bool IsComputed { get; set; }

    public bool IsApplying { get; set; }

    /// <summary>When its thread has done what it has been given.</summary>
    public double FreeFrom { get; set; }

    public void BeginStep()
    {
        Step++;
        (Bucket, IsBusy, IsComputed) = (0, false, false);
    }

    public void AddPrepared(int step, int layers) => _prepared[step] = _prepared.GetValueOrDefault(step) + layers;

    public bool HasPrepared(int layers) => _prepared.GetValueOrDefault(Step) == layers;

    public void AddSums(int step, int bucket, int ranks) => _sums[(step, bucket)] = _sums.GetValueOrDefault((step, bucket)) + ranks;

    public bool HasSums(int ranks) => _sums.GetValueOrDefault((Step, Bucket)) == ranks;

    /// <summary>Its own sums of a bucket are done.</summary>
    public void Add(int step, int bucket) => _sent.Add((step, bucket));

    public bool Sent(int step, int bucket) => _sent.Contains((step, bucket));
}
