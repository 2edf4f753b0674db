using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>What the step's benchmark measures.</summary>
/// <param name="Family">Of residual networks: resnet8, resnet18 or resnet34.</param>
/// <param name="BatchSize">Samples of a step.</param>
/// <param name="Threads">On which shards are computed, and as many intra-op threads for the peers.</param>
/// <param name="Rounds">Turns of every variant.</param>
/// <param name="Device">Where everything lies.</param>
public sealed record StepBenchmarkOptions(string Family, ImageShape Image, int BatchSize, int Threads, int Rounds, ComputeDevice Device);
