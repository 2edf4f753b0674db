using System.Text.Json.Nodes;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>A snapshot that was read back and found whole.</summary>
/// <param name="Folder">Path of its folder.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Epoch of the last step.</param>
/// <param name="Generation">Generation of the run that wrote it.</param>
/// <param name="WeightsSha256"><see cref="WeightsHash"/> of <paramref name="Model"/>.</param>
/// <param name="Model">The weights and buffers, by the reference's keys.</param>
/// <param name="Run">The writer's own entries: spec, sampler position, metrics so far.</param>
public sealed record Snapshot(
    string Folder, long Step, int Epoch, int Generation, string WeightsSha256,
    IReadOnlyDictionary<string, SafeTensor> Model, IReadOnlyDictionary<string, SafeTensor> Optimizer, JsonObject Run);
