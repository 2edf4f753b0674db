using Lcnn.Distributed.Model.Own;

namespace Lcnn.Distributed.Model.Prediction;

/// <summary>Where and how a model computes.</summary>
public sealed record ImageModelOptions
{
    /// <summary>Threads that compute; they change no bit of what comes out.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>"cpu", or "cuda:" and the index.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Operations of the program's own that the model's network holds.</summary>
    public OwnLayerKinds Operations { get; init; } = OwnLayerKinds.None;

    /// <summary>Told of snapshots that are passed over because they are damaged; null for nobody.</summary>
    public Action<string>? Warn { get; init; }
}
