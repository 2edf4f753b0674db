using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>What a sweep tries: a base spec, the options its trials differ in, how they are chosen, and when it ends.</summary>
/// <remarks>The same spec gives the same trials in the same order; with sampler "tpe" only under scheduler "none".</remarks>
[GenerateSerializer, Immutable, Alias("lcnn.SweepSpec")]
public sealed record SweepSpec
{
    /// <summary>For people; empty for none.</summary>
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>What every trial starts from.</summary>
    [Id(1)] public RunSpec Base { get; init; } = new();

    /// <summary>
    /// The options that <see cref="Base"/> sets of its own; the others follow from the recipe of each trial's preset, data set and
    /// network. Null: all are the base's own.
    /// </summary>
    [Id(2)] public IReadOnlyList<string>? BaseOptions { get; init; }

    /// <summary>What the trials differ in.</summary>
    [Id(3)] public IReadOnlyList<ParameterSpec> Parameters { get; init; } = [];

    /// <summary>How the next trial's parameters are chosen.</summary>
    [Id(4)] public SamplerSpec Sampler { get; init; } = new();

    /// <summary>Which trials are ended early.</summary>
    [Id(5)] public SchedulerSpec Scheduler { get; init; } = new();

    /// <summary>What is sought; several are weighed by their Pareto front, and schedulers go by the first.</summary>
    [Id(6)] public IReadOnlyList<GoalSpec> Goals { get; init; } = [new("testAccuracy", IsMaximized: true)];

    /// <summary>Trials at most; null: every cell of the grid.</summary>
    [Id(7)] public int? MaxTrials { get; init; }

    /// <summary>Trials under way at once. Decides, with "tpe", what a trial may know of the earlier ones.</summary>
    [Id(8)] public int MaxConcurrent { get; init; } = 2;

    /// <summary>No trial is begun after this, and those under way are stopped; null: no limit.</summary>
    [Id(9)] public TimeSpan? MaxDuration { get; init; }

    /// <summary>A trial that trains for longer is stopped; pauses and waits for slots do not count; null: no limit.</summary>
    [Id(10)] public TimeSpan? MaxTrialDuration { get; init; }

    /// <summary>No epoch is begun once the trials have made this many together; null: no limit.</summary>
    [Id(11)] public long? MaxEpochs { get; init; }

    /// <summary>Times a failed trial is tried again before it counts as failed.</summary>
    [Id(12)] public int MaxRetries { get; init; } = 1;

    /// <summary>Folder on the silos; each trial has a folder of its own in it.</summary>
    [Id(13)] public string OutputDirectory { get; init; } = "";

    /// <summary>The trials of sampler "list", in order; empty with any other.</summary>
    [Id(14)] public IReadOnlyList<ParameterSet> Trials { get; init; } = [];

    /// <summary>Root of the sampler's draws: its own seed, or the base spec's.</summary>
    public long SamplerSeed() => Sampler.Seed ?? Base.Seed;

    /// <summary>Epochs of a trial that is not ended early, where the sweep does not vary them.</summary>
    public int TrialEpochs() => Scheduler.MaxEpochs ?? Base.Epochs;

    /// <summary>Epochs of one trial that is not ended early.</summary>
    public int EpochsOf(ParameterSet parameters) => TrialSpecs.EpochsOf(this, parameters);

    /// <summary>Trials that the sampler makes if nothing ends the sweep early; null: without end.</summary>
    public int? PlannedTrials() => KnownTrials()?.Take(MaxTrials ?? int.MaxValue).Count() ?? MaxTrials;

    /// <summary>Every trial that the sampler has, in order, where that is known beforehand; null where trials are drawn.</summary>
    public IEnumerable<ParameterSet>? KnownTrials() => Sampler.Kind switch
    {
        "grid" => new SearchSpace(Parameters).Cells(),
        "list" => Trials,
        _ => null,
    };

    /// <summary>Most workers of any trial: the slots that the largest one needs at once.</summary>
    public int MostWorkers() => TrialSamples.Of(this).Max(parameters => SpecOf(1, parameters).Workers);

    /// <summary>What a sweep that can start would do and is hardly meant to, and what to change.</summary>
    public IReadOnlyList<string> Warnings() => SweepWarnings.Of(this);

    /// <summary>Every problem at once, by the names of the sweep file; empty when it can start where nothing but the built-in names is known.</summary>
    public IReadOnlyList<SpecProblem> Validate() => Validate(KnownNames.BuiltIn);

    /// <summary>Every problem at once, by the names of the sweep file; empty when it can start where these names are known.</summary>
    public IReadOnlyList<SpecProblem> Validate(KnownNames names) => SweepSpecValidator.Validate(this, names);

    /// <summary>Every problem of a trial with these parameters, by the fields of its run; empty when it can run. Names that silos' programs may add are left to the run.</summary>
    public IReadOnlyList<SpecProblem> ValidateTrial(ParameterSet parameters) => TrialSpecValidator.Validate(this, parameters, KnownNames.OfAnyCluster);

    /// <summary>What a trial trains. Run alone it gives the same weights.</summary>
    public RunSpec SpecOf(int number, ParameterSet parameters) => TrialSpecs.Build(this, number, parameters);
}

/// <summary>How parameters are chosen.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SamplerSpec")]
public sealed record SamplerSpec
{
    /// <summary>One of <see cref="SweepNames.Samplers"/>.</summary>
    [Id(0)] public string Kind { get; init; } = "grid";

    /// <summary>Root of the draws; null takes the base spec's.</summary>
    [Id(1)] public long? Seed { get; init; }

    /// <summary>Random trials before "tpe" begins to learn.</summary>
    [Id(2)] public int StartupTrials { get; init; } = 10;

    /// <summary>Draws of which "tpe" takes the most promising one.</summary>
    [Id(3)] public int Candidates { get; init; } = 24;
}

/// <summary>Which trials are ended early.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SchedulerSpec")]
public sealed record SchedulerSpec
{
    /// <summary>One of <see cref="SweepNames.Schedulers"/>.</summary>
    [Id(0)] public string Kind { get; init; } = "none";

    /// <summary>eta of "asha": of so many trials at a rung one goes on, and rungs lie so many times further apart.</summary>
    [Id(1)] public int Reduction { get; init; } = 3;

    /// <summary>Epochs of the first rung of "asha"; epochs before "median" stops a trial.</summary>
    [Id(2)] public int MinEpochs { get; init; } = 1;

    /// <summary>Epochs of a trial that is never stopped; null takes the base spec's.</summary>
    [Id(3)] public int? MaxEpochs { get; init; }

    /// <summary>Completed trials before "median" stops one.</summary>
    [Id(4)] public int StartupTrials { get; init; } = 5;
}

/// <summary>A metric and which way is better.</summary>
/// <param name="Metric">One of <see cref="SweepNames.Metrics"/>.</param>
/// <param name="IsMaximized">Whether more is better.</param>
[GenerateSerializer, Immutable, Alias("lcnn.GoalSpec")]
public sealed record GoalSpec([property: Id(0)] string Metric, [property: Id(1)] bool IsMaximized);
