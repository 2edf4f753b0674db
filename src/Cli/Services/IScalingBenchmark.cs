namespace Lcnn.Distributed.Cli.Services;

/// <summary>Times the workers of one run beside independent runs of one worker at the same time.</summary>
internal interface IScalingBenchmark
{
    Task<ScalingReport> MeasureAsync(ScalingRequest request, Action<string> progress, CancellationToken cancellationToken);
}

/// <summary>One run of N workers against N independent runs of one.</summary>
/// <param name="Workers">N: workers of the one run, and independent runs beside each other.</param>
/// <param name="Shards">V of the one run; an independent run has V/N, so that a shard has the same samples.</param>
/// <param name="SamplesPerWorker">Batch of an independent run; the one run's is N times that.</param>
/// <param name="Dataset">Name of the data set.</param>
/// <param name="Architecture">Name of the network.</param>
/// <param name="Loss">Name of the objective.</param>
/// <param name="BatchNorm">Whose statistics batch norms take.</param>
/// <param name="Steps">Timed steps of a turn, after the warm-up.</param>
/// <param name="Rounds">Turns of every variant.</param>
/// <param name="Processes">"turns": all turns in the same processes; "fresh": new processes for every turn.</param>
internal sealed record ScalingRequest(
    int Workers, int Shards, int SamplesPerWorker, string Dataset, string Architecture, string Loss, string BatchNorm, int Steps, int Rounds,
    IReadOnlyList<string> Processes);

/// <summary>Samples per second by variant.</summary>
internal sealed record ScalingReport(ScalingRequest Request, IReadOnlyList<ScalingRow> Rows) : Report
{
    protected override string Kind => "bench";
}

/// <summary>Samples per second of one variant.</summary>
/// <param name="Variant">"single", "independent", "memory", "stream", or "stream, TLS".</param>
/// <param name="SamplesPerSecond">Of all its runs together, each from its median step; median over the turns.</param>
/// <param name="Least">Slowest turn.</param>
/// <param name="Most">Fastest turn.</param>
/// <param name="Efficiency">Over the independent runs of the same round, median; null for these and the single run.</param>
/// <param name="Phases">Of a step and a worker.</param>
internal sealed record ScalingRow(
    string Processes, string Variant, double SamplesPerSecond, double Least, double Most, double? Efficiency, StepPhases Phases);

/// <summary>Where a worker's time goes, milliseconds a step, and what it sends.</summary>
/// <param name="Data">Gathering samples.</param>
/// <param name="Forward">Passes forward.</param>
/// <param name="Backward">Passes backward; gradients leave meanwhile.</param>
/// <param name="Exchange">Waiting for what others send.</param>
/// <param name="Owner">Power iterations, sums, chain rule and optimizer of the owned layers.</param>
/// <param name="BytesSent">To other ranks.</param>
internal sealed record StepPhases(double Data, double Forward, double Backward, double Exchange, double Owner, double BytesSent);
