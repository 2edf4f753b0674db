namespace Lcnn.Distributed.Cli.Services;

/// <summary>Times the trials of a sweep beside the same runs made one after the other.</summary>
internal interface ISweepBenchmark
{
    Task<SweepBenchmarkReport> MeasureAsync(SweepBenchmarkRequest request, Action<string> progress, CancellationToken cancellationToken);
}

/// <summary>What to time: so many trials of one epoch on so many digits.</summary>
internal sealed record SweepBenchmarkRequest(int Trials, int TrainLimit);

/// <summary>Seconds of the same trainings as a sweep and as a plain loop.</summary>
/// <param name="Trials">Trials, and runs in the loop.</param>
/// <param name="LoopMilliseconds">Of a run in the loop.</param>
/// <param name="SweepMilliseconds">Of a trial, one at a time.</param>
/// <param name="AddedMilliseconds">What the sweep adds to a run.</param>
/// <param name="MegabytesAtFirst">Resident memory after a tenth of the trials.</param>
/// <param name="MegabytesAtLast">Resident memory after the last one.</param>
internal sealed record SweepBenchmarkReport(
    int Trials, double LoopMilliseconds, double SweepMilliseconds, double AddedMilliseconds, double MegabytesAtFirst, double MegabytesAtLast) : Report
{
    protected override string Kind => "bench";
}
