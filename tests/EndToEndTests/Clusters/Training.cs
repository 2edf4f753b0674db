using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>What is trained under faults, and what comes of it when nothing happens: one worker in one process.</summary>
internal sealed class Training
{
    private readonly Lazy<Task<JsonElement>> _undisturbed;

    public Training(int epochs, int samples, int snapshotEvery, params IReadOnlyList<string> dataset)
    {
        (Epochs, Samples, SnapshotEvery) = (epochs, samples, snapshotEvery);
        Arguments = [.. dataset, "--epochs", $"{epochs}", "--shards", "4", "--snapshot-every", $"{snapshotEvery}", "--curvature-samples", "0", "--seed", "3"];
        _undisturbed = new(async () =>
        {
            using var folder = new TemporaryFolder();
            return await RunEvents.TrainAsync([.. Arguments, "--workers", "1", "--out", folder["run"]]);
        });
    }

    /// <summary>138 steps, seconds.</summary>
    public static Training Digits { get; } = new(epochs: 6, samples: 1437, snapshotEvery: 20);

    /// <summary>The same with the authors' objective: sums over all shards travel in every pass.</summary>
    public static Training AuthorsObjective { get; } =
        new(epochs: 6, samples: 1437, snapshotEvery: 20, "--loss", "curvature+gradnorm", "--batch-norm", "global");

    /// <summary>The same with a moving average and all gradients clipped together.</summary>
    public static Training ClippedAndAveraged(params IReadOnlyList<string> optimizer) =>
        new(epochs: 6, samples: 1437, snapshotEvery: 20, [.. optimizer, "--clip-grad-norm", "0.5", "--ema-decay", "0.9", "--warmup-epochs", "2"]);

    /// <summary>Of the training set, in one epoch.</summary>
    public int Samples { get; }

    public int Epochs { get; }

    public int SnapshotEvery { get; }

    /// <summary>The spec but for workers and folders.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Hash of the undisturbed run's weights.</summary>
    public async Task<string> WeightsAsync() => (await CompletedAsync()).Weights;

    /// <summary>Its last event.</summary>
    public Task<JsonElement> CompletedAsync() => _undisturbed.Value;
}
