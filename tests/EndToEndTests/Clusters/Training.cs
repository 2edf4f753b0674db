namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>What is trained under faults, and what comes of it when nothing happens: one worker in one process.</summary>
internal sealed class Training
{
    private readonly Lazy<Task<string>> _undisturbed;

    public Training(int epochs, int samples, int snapshotEvery, params IReadOnlyList<string> dataset)
    {
        (Epochs, Samples, SnapshotEvery) = (epochs, samples, snapshotEvery);
        Arguments = [.. dataset, "--epochs", $"{epochs}", "--shards", "4", "--snapshot-every", $"{snapshotEvery}", "--curvature-samples", "0", "--seed", "3"];
        _undisturbed = new(async () =>
        {
            using var folder = new TemporaryFolder();
            var completed = await RunEvents.TrainAsync([.. Arguments, "--workers", "1", "--out", folder["run"]]);
            return completed.Weights;
        });
    }

    /// <summary>138 steps, seconds.</summary>
    public static Training Digits { get; } = new(epochs: 6, samples: 1437, snapshotEvery: 20);

    /// <summary>The same with the authors' objective: sums over all shards travel in every pass.</summary>
    public static Training AuthorsObjective { get; } =
        new(epochs: 6, samples: 1437, snapshotEvery: 20, "--loss", "curvature+gradnorm", "--batch-norm", "global");

    /// <summary>Of the training set, in one epoch.</summary>
    public int Samples { get; }

    public int Epochs { get; }

    public int SnapshotEvery { get; }

    /// <summary>The spec but for workers and folders.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Hash of the undisturbed run's weights.</summary>
    public Task<string> WeightsAsync() => _undisturbed.Value;
}
