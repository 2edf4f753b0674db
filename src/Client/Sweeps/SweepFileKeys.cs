namespace Lcnn.Distributed.Client.Sweeps;

/// <summary>The keys of a sweep file, level by level; the schema has the same ones.</summary>
internal static class SweepFileKeys
{
    public static IReadOnlyList<string> Root { get; } =
    [
        "name", "base", "parameters", "trials", "sampler", "scheduler", "goal", "maxTrials", "maxConcurrent", "maxDuration", "maxTrialDuration", "maxEpochs",
        "maxRetries", "out",
    ];

    public static IReadOnlyList<string> Parameter { get; } = ["values", "range", "logRange", "int", "log", "step", "count", "when"];

    /// <summary>Those of which a parameter has exactly one.</summary>
    public static IReadOnlyList<string> Domains { get; } = ["values", "range", "logRange", "int"];

    public static IReadOnlyList<string> Sampler { get; } = ["kind", "seed", "startupTrials", "candidates"];

    public static IReadOnlyList<string> Scheduler { get; } = ["kind", "reduction", "minEpochs", "maxEpochs", "startupTrials"];

    public static IReadOnlyList<string> Goal { get; } = ["maximize", "minimize"];

    /// <summary>Options of <c>lcnn train</c> that a base cannot have, and why.</summary>
    public static IReadOnlyDictionary<string, string> NotInBase { get; } = new Dictionary<string, string>
    {
        ["out"] = "every trial gets a folder of its own in the sweep's 'out'; put 'out' at the top level",
        ["resume"] = "trials start afresh; leave it out",
        ["overwrite"] = "every trial gets a folder of its own; leave it out",
        ["noAugment"] = "write 'augment: false'",
        ["cluster"] = "where a sweep runs is said on the command line; leave it out",
        ["tls"] = "who asks a cluster for a sweep is said on the command line; leave it out",
        ["tokenFile"] = "who asks a cluster for a sweep is said on the command line; leave it out",
        ["runId"] = "trials get ids of their own; the sweep's is given on the command line (--sweep-id)",
        ["localSilos"] = "where a sweep runs is said on the command line; leave it out",
        ["tensorboard"] = "trials are written for TensorBoard from their folders ('lcnn report FOLDER... --tensorboard FOLDER'); leave it out",
        ["mlflow"] = "a trial's run is recorded by following it ('lcnn watch RUN --mlflow URL'); leave it out",
        ["detach"] = "belongs on the command line; leave it out",
        ["json"] = "belongs on the command line; leave it out",
    };
}
