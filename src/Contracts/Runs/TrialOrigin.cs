namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Says that a run is one of a sweep's. It comes with the start and is not part of the spec: whoever resumes a trial by hand starts a run of their own.</summary>
/// <param name="SweepId">The sweep.</param>
/// <param name="Segment">Which run of the trial it is, from 1: later ones go on, or begin again, in the trial's folder.</param>
[GenerateSerializer, Immutable, Alias("lcnn.TrialOrigin")]
public sealed record TrialOrigin([property: Id(0)] string SweepId, [property: Id(1)] int Segment);
