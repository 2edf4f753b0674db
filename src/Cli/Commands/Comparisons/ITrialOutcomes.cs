using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary>What the runs behind trials have left, wherever that is.</summary>
internal interface ITrialOutcomes
{
    /// <summary>The report of a trial's run; null where it has none.</summary>
    Task<RunCompleted?> ReportOf(TrialEntry trial, CancellationToken cancellationToken);

    /// <summary>Path on this machine of a trial's model, or of its snapshot.</summary>
    Task<string> ModelOf(TrialEntry trial, CancellationToken cancellationToken);
}

/// <summary>Trials in a sweep's folder on this machine.</summary>
internal sealed class FolderOutcomes(SweepSpec spec, CliServices services) : ITrialOutcomes
{
    public Task<RunCompleted?> ReportOf(TrialEntry trial, CancellationToken cancellationToken) => Task.FromResult(services.ReadFolder(FolderOf(trial)).Report);

    public Task<string> ModelOf(TrialEntry trial, CancellationToken cancellationToken) => Task.FromResult(FolderOf(trial));

    private string FolderOf(TrialEntry trial) => spec.SpecOf(trial.Number, trial.Parameters).OutputDirectory;
}

/// <summary>Trials of a cluster: models are copied into a folder here.</summary>
internal sealed class ClusterOutcomes(IRunLauncher launcher, string folder) : ITrialOutcomes
{
    public async Task<RunCompleted?> ReportOf(TrialEntry trial, CancellationToken cancellationToken) =>
        (await launcher.Find(trial.RunId).GetMetricsAsync(cancellationToken)).Final as RunCompleted;

    public async Task<string> ModelOf(TrialEntry trial, CancellationToken cancellationToken) =>
        (await launcher.Find(trial.RunId).Snapshots.DownloadAsync(null, Path.Combine(folder, "models", $"trial-{trial.Number:d4}"), cancellationToken: cancellationToken)).Path;
}
