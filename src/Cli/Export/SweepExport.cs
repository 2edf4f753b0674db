using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Export;

/// <summary>A sweep as it is exported: finished, or as far as it has come.</summary>
internal sealed record SweepExport
{
    /// <summary>What is tried.</summary>
    public required SweepSpec Spec { get; init; }

    /// <summary>Every trial, by number, with its reports.</summary>
    public required IReadOnlyList<TrialEntry> Trials { get; init; }

    /// <summary>Where the sweep stands; gives its id, its phase and the time it took.</summary>
    public SweepStatus Status { get; init; } = new();

    /// <summary>Asks a sweep for all of it.</summary>
    public static async Task<SweepExport> ReadAsync(ISweepHandle sweep, CancellationToken cancellationToken) => new()
    {
        Spec = await sweep.GetSpecAsync(cancellationToken),
        Trials = await sweep.GetTrialsAsync(cancellationToken),
        Status = await sweep.GetStatusAsync(cancellationToken),
    };

    /// <summary>The parameters in the file's order, then those that only trials added by hand have.</summary>
    public IReadOnlyList<string> ParameterNames() =>
        [.. Spec.Parameters.Select(parameter => parameter.Name).Concat(Trials.SelectMany(trial => trial.Parameters).Select(item => item.Key)).Distinct()];

    /// <summary>The goals, then what else any trial has measured, in the order of <see cref="SweepNames.Metrics"/>.</summary>
    public IReadOnlyList<string> MetricNames()
    {
        var measured = Trials.SelectMany(trial => trial.Metrics).Where(metric => double.IsFinite(metric.Value)).Select(metric => metric.Key).ToHashSet();
        return
        [
            .. Spec.Goals.Select(goal => goal.Metric)
                .Concat(SweepNames.Metrics.Where(measured.Contains))
                .Concat(measured.Order(StringComparer.Ordinal)).Distinct(),
        ];
    }
}
