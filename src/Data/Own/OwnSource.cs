namespace Lcnn.Distributed.Data.Own;

/// <summary>The samples of a user's data set in their order, before any is decoded.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Train">To train on.</param>
/// <param name="Test">To test with; null where the source has no such part.</param>
/// <param name="ClassNames">By label; asked for once all samples were seen. Empty where the source has no names.</param>
internal sealed record OwnSource(string Path, IEnumerable<OwnSample> Train, IEnumerable<OwnSample>? Test, Func<IReadOnlyList<string>> ClassNames);
