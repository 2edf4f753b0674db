using System.Text.Json.Nodes;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>What a snapshot is made of.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Epoch of the last step.</param>
/// <param name="Generation">Generation of the run that wrote it.</param>
/// <param name="Model">The weights and buffers, under the reference's keys.</param>
/// <param name="Optimizer">The optimizer's state.</param>
/// <param name="Run">Whatever else the run needs to go on: spec, sampler position, metrics so far. At most 60 levels deep.</param>
/// <param name="Metadata">What the tensors' files say of themselves, for whoever has only a copy of one.</param>
public sealed record SnapshotContent(
    long Step, int Epoch, int Generation, IReadOnlyCollection<SafeTensor> Model, IReadOnlyCollection<SafeTensor> Optimizer, JsonObject Run,
    IReadOnlyDictionary<string, string>? Metadata = null);
