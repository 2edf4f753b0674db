namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The model that a snapshot was written of.</summary>
/// <param name="WeightsSha256">Hash of the weights.</param>
/// <param name="ModelPath">Where people look for it.</param>
/// <param name="Average">Their moving average; null where none is kept.</param>
internal sealed record WrittenModel(string WeightsSha256, string ModelPath, WrittenModel? Average = null);
