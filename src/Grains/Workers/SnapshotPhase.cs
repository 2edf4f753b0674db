using System.Diagnostics;
using System.Text.Json.Nodes;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Telemetry;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Writes snapshots: owners send their state to the leading rank, who writes, lets the coordinator commit, and only then moves what people look at.</summary>
internal sealed class SnapshotPhase(WorkerReplica replica, RankChannel channel, ReportPump reports)
{
    private const string MeterKey = "epochMeter";
    private const string SamplesKey = "rankSamples";

    private readonly SnapshotName? _resumed = Resumed(replica);

    // Of the reports alone, which come one after another.
    private SnapshotName? _committed = Resumed(replica);

    /// <summary>Restores the means of the epoch that a snapshot was taken in, and what each rank had done.</summary>
    public static void Restore(JsonObject run, EpochMeter meter, RankSamples samples)
    {
        if (run[MeterKey] is JsonObject saved)
        {
            meter.Load(saved);
        }

        if (run[SamplesKey] is JsonArray counts)
        {
            samples.Load(counts);
        }
    }

    /// <summary>Takes part in one snapshot.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="epoch">Epoch of the last step.</param>
    /// <param name="meter">Metrics so far.</param>
    /// <param name="samples">Samples so far.</param>
    /// <param name="isLast">Whether the generation ends with it: then the model file also goes to the run's folder, where people look for it.</param>
    /// <returns>Hash of the weights and path of the model; null on ranks that do not lead.</returns>
    public WrittenModel? Write(long step, int epoch, EpochMeter meter, RankSamples samples, bool isLast)
    {
        channel.Activity.Enter("snapshot", step);
        var start = Stopwatch.GetTimestamp();
        using var span = channel.Leads ? Measures.Spans.StartActivity(
            "lcnn.snapshot", ActivityKind.Internal, parentContext: default, tags: [new("lcnn.run.id", replica.Assignment.RunId), new("lcnn.step", step)]) : null;
        var key = new ParcelKey(ParcelKind.State, step);
        channel.Send(0, key, TrainingFailure.At(step, () => new StateParcel(replica.Owned.Export(), replica.Owned.ExportOptimizer())));
        if (!channel.Leads)
        {
            return null;
        }

        var parts = channel.Gather<StateParcel>(key);
        var model = parts.SelectMany(part => part.Model).ToList();
        var run = new JsonObject { [MeterKey] = meter.Save(), [SamplesKey] = samples.Save() };
        var images = replica.Data.Train;
        var input = new ModelInput(images.Channels, images.Height, images.Width, images.Classes, images.ClassNames)
        {
            Normalize = replica.Data.PackedWith?.Normalization?.ToString(),
            IsResized = replica.Data.PackedWith?.Size is not null,
        };
        SnapshotEntries.Write(run, replica.Spec, replica.Data.Sha256, input);
        var content = new SnapshotContent(
            step, epoch, GenerationAt(step), model, [.. parts.SelectMany(part => part.Optimizer)], run, ModelMetadata.Of(replica.Spec, step, input));
        try
        {
            var written = Write(content, isLast);
            Measures.CountSnapshot(Stopwatch.GetElapsedTime(start));
            return written;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var problem = $"step {step}: no snapshot could be written to {replica.Spec.OutputDirectory}: {exception.Message}";
            if (step == replica.TotalSteps)
            {
                throw new TrainingFailure($"{problem}; make room or choose another --out, and --resume from the last snapshot", exception);
            }

            // A full disk ends no run, not even one that is stopped or regrouped: the last snapshot is still there.
            Warn($"{problem}; {(isLast ? "" : "training goes on, ")}the last snapshot is kept");
            return null;
        }
    }

    private static SnapshotName? Resumed(WorkerReplica replica) =>
        SnapshotName.TryParse(Path.GetFileName(replica.Assignment.ResumeFrom), out var name) ? name : null;

    // A run counts its generations from 1, but in a folder that it took over from another the later snapshot of one step has the higher name.
    private int GenerationAt(long step) => _resumed is { } resumed && resumed.Step == step
        ? Math.Max(resumed.Generation + 1, replica.Assignment.Generation)
        : replica.Assignment.Generation;

    private WrittenModel Write(SnapshotContent content, bool isLast)
    {
        var folder = replica.Spec.OutputDirectory;
        ThrowIfTaken(content.Step, folder);
        Directory.CreateDirectory(folder);
        var name = SnapshotWriter.Write(folder, content);
        ThrowIfTaken(content.Step, folder, name);
        var weights = WeightsHash.Compute(content.Model);
        var average = OwnedLayers.AverageAmong(content.Optimizer);
        Commit(
            new SnapshotCommitted { Step = content.Step, Path = Path.Combine(folder, name.ToString()), WeightsSha256 = weights }, folder, name,
            isLast ? () => Publish(folder, name, average, content.Metadata) : null);
        return new WrittenModel(
            weights, Path.Combine(folder, SnapshotFiles.Model),
            average.Count == 0 ? null : new WrittenModel(WeightsHash.Compute(average), Path.Combine(folder, SnapshotFiles.ModelAverage)));
    }

    private static void Publish(string folder, SnapshotName name, IReadOnlyList<SafeTensor> average, IReadOnlyDictionary<string, string>? metadata)
    {
        SnapshotStore.PublishModel(folder, name);
        if (average.Count > 0)
        {
            SnapshotStore.PublishAverage(folder, name, average, metadata);
        }
    }

    private void Commit(SnapshotCommitted snapshot, string folder, SnapshotName name, Action? publish) => reports.Post(async (coordinator, generation) =>
    {
        await coordinator.CommitSnapshotAsync(generation, snapshot, CancellationToken.None);
        await TryAsync("'latest' or older snapshots could not be tidied", () =>
        {
            SnapshotStore.SetLatest(folder, name, _committed);
            SnapshotStore.Prune(folder, replica.Spec.KeepSnapshots, name, _committed);
        });
        if (publish is not null)
        {
            await TryAsync($"{SnapshotFiles.Model} beside it could not be replaced", publish);
        }

        _committed = name;
        await coordinator.ReportSnapshotAsync(generation, snapshot, CancellationToken.None);

        async Task TryAsync(string failure, Action change)
        {
            try
            {
                if (FindOther(folder) is null)
                {
                    change();
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                await coordinator.ReportWarningAsync(
                    generation, $"step {snapshot.Step}: the snapshot is kept, but {failure}: {exception.Message}", CancellationToken.None);
            }
        }
    });

    // Whoever was stopped for long may find another run in its folder, which it must neither prune nor add to.
    private void ThrowIfTaken(long step, string folder, SnapshotName? written = null)
    {
        if (FindOther(folder) is not { } other)
        {
            return;
        }

        if (written is { } name)
        {
            Directory.Delete(Path.Combine(folder, name.ToString()), recursive: true);
        }

        throw new TrainingFailure($"step {step}: the folder '{folder}' was taken over by {other}; the run ends without another snapshot");
    }

    private string? FindOther(string folder) => FolderClaim.FindOther(folder, Claimant.Run(replica.Assignment.RunId));

    private void Warn(string message) =>
        reports.Post((coordinator, generation) => coordinator.ReportWarningAsync(generation, message, CancellationToken.None));
}
