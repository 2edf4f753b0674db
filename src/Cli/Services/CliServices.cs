using Lcnn.Distributed.Cli.Output;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Everything the commands touch outside themselves.</summary>
internal sealed record CliServices
{
    /// <summary>Standard input.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Whether standard output still arrives.</summary>
    public OutputHealth Output { get; init; } = new();

    /// <summary>Standard output, styled.</summary>
    public required IAnsiConsole Console { get; init; }

    /// <summary>Standard output, plain.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether a person looks at standard output.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether nothing is computed here: only what a cluster answers is there.</summary>
    public bool IsClient { get; init; }

    /// <summary>Whether stack traces are shown.</summary>
    public bool IsDebugging { get; init; }

    /// <summary>What relative paths are relative to.</summary>
    public string WorkingDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>Cores to share among the workers.</summary>
    public int ProcessorCount { get; init; } = Environment.ProcessorCount;

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the wish to stop comes from.</summary>
    public ISignalSource Signals { get; init; } = new PosixSignals();

    /// <summary>Ends the process without further ado.</summary>
    public Action<int> ExitNow { get; init; } = ProcessExit.Now;

    /// <summary>What the environment says under a name.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Every name that the environment knows.</summary>
    public Func<IEnumerable<string>> VariableNames { get; init; } = static () => Environment.GetEnvironmentVariables().Keys.Cast<string>();

    /// <summary>Where the wish to stop comes from for a silo that another process started.</summary>
    public ISignalSource ParentSignals { get; init; } = new ParentSignals();

    /// <summary>Opens a place where runs run.</summary>
    public required Func<RunPlace, CancellationToken, Task<IRunHost>> OpenHost { get; init; }

    /// <summary>Work of <c>lcnn silo</c>.</summary>
    public required ISiloRunner SiloRunner { get; init; }

    /// <summary>What is in the folder of a run on this machine.</summary>
    public required Func<string, RunFolderContent> ReadFolder { get; init; }

    /// <summary>Work of <c>lcnn eval</c>.</summary>
    public required IEvaluator Evaluator { get; init; }

    /// <summary>Looks into the networks of <c>lcnn compare</c>.</summary>
    public required IModelInspector Inspector { get; init; }

    /// <summary>Work of <c>lcnn demo two-moons</c>.</summary>
    public required IMoons Moons { get; init; }

    /// <summary>Work of <c>lcnn predict</c>.</summary>
    public required IPredictor Predictor { get; init; }

    /// <summary>Work of <c>lcnn import</c> and <c>lcnn export</c>.</summary>
    public required IModelExchange Exchange { get; init; }

    /// <summary>Work of <c>lcnn doctor</c>.</summary>
    public required IDiagnostics Diagnostics { get; init; }

    /// <summary>Work of <c>lcnn datasets</c>.</summary>
    public required IDatasetLocator Datasets { get; init; }

    /// <summary>Work of <c>lcnn data</c>.</summary>
    public required IDataTools DataTools { get; init; }

    /// <summary>Work of <c>lcnn bench step</c>.</summary>
    public required IStepBenchmark StepBenchmark { get; init; }

    /// <summary>Work of <c>lcnn bench allreduce</c>.</summary>
    public required IAllReduceBenchmark AllReduceBenchmark { get; init; }

    /// <summary>Work of <c>lcnn bench scaling</c>.</summary>
    public required IScalingBenchmark ScalingBenchmark { get; init; }

    /// <summary>Work of <c>lcnn bench network</c>.</summary>
    public required INetworkBenchmark NetworkBenchmark { get; init; }

    /// <summary>Work of <c>lcnn bench ping</c>.</summary>
    public required IPingBenchmark PingBenchmark { get; init; }

    /// <summary>Work of <c>lcnn bench sweep</c>.</summary>
    public required ISweepBenchmark SweepBenchmark { get; init; }
}
