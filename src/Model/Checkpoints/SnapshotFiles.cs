namespace Lcnn.Distributed.Model.Checkpoints;

/// <summary>The names in a run's folder.</summary>
public static class SnapshotFiles
{
    public const string Model = "model.safetensors";
    public const string Optimizer = "optimizer.safetensors";
    public const string State = "state.json";
    public const string Latest = "latest";
    public const string TemporaryPrefix = ".tmp-";
    public const string TemporaryLatestPrefix = TemporaryPrefix + Latest + "-";
    public const string TemporaryModelPrefix = TemporaryPrefix + "model-";
    public const string ProbePrefix = TemporaryPrefix + "probe-";

    public static string Temporary(SnapshotName name) => TemporaryPrefix + name;
}
