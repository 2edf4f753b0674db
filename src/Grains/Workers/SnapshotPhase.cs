using System.Text.Json.Nodes;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Checkpoints;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Writes snapshots: owners send their state to the leading rank, who writes, lets the coordinator commit, and only then moves "latest".</summary>
internal sealed class SnapshotPhase(WorkerReplica replica, RankChannel channel, ReportPump reports)
{
    private const int Kept = 2;
    private const string MeterKey = "epochMeter";

    /// <summary>Restores the means of the epoch that a snapshot was taken in.</summary>
    public static void RestoreMeter(JsonObject run, EpochMeter meter)
    {
        if (run[MeterKey] is JsonObject saved)
        {
            meter.Load(saved);
        }
    }

    /// <summary>Takes part in one snapshot.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="epoch">Epoch of the last step.</param>
    /// <param name="meter">Metrics so far.</param>
    /// <param name="isFinal">Whether the model file also goes to the run's folder, where people look for it.</param>
    /// <returns>Hash of the weights and path of the model; null on ranks that do not lead.</returns>
    public (string WeightsSha256, string ModelPath)? Write(long step, int epoch, EpochMeter meter, bool isFinal)
    {
        var key = new ParcelKey(ParcelKind.State, step);
        channel.Send(0, key, new StateParcel(replica.Owned.Export(), replica.Owned.ExportMomentum()));
        if (!channel.Leads)
        {
            return null;
        }

        var parts = channel.Gather<StateParcel>(key);
        var model = parts.SelectMany(part => part.Model).ToList();
        var run = new JsonObject { [MeterKey] = meter.Save() };
        SnapshotEntries.Write(run, replica.Spec);
        var folder = replica.Spec.OutputDirectory;
        Directory.CreateDirectory(folder);
        var name = SnapshotWriter.Write(folder, new SnapshotContent(
            step, epoch, replica.Assignment.Generation, model, [.. parts.SelectMany(part => part.Optimizer)], run));
        var weights = WeightsHash.Compute(model);
        Commit(new SnapshotCommitted { Step = step, Path = Path.Combine(folder, name.ToString()), WeightsSha256 = weights }, folder, name);
        return (weights, isFinal ? Publish(folder, name) : "");
    }

    private void Commit(SnapshotCommitted snapshot, string folder, SnapshotName name) => reports.Post(async (coordinator, generation) =>
    {
        await coordinator.CommitSnapshotAsync(generation, snapshot, CancellationToken.None);
        SnapshotStore.SetLatest(folder, name);
        SnapshotStore.Prune(folder, Kept, name);
    });

    private static string Publish(string folder, SnapshotName name)
    {
        var path = Path.Combine(folder, SnapshotFiles.Model);
        var temporary = path + ".tmp";
        File.Copy(Path.Combine(folder, name.ToString(), SnapshotFiles.Model), temporary, overwrite: true);
        File.Move(temporary, path, overwrite: true);
        return path;
    }
}
