namespace Lcnn.Distributed.Grains.Benchmarks;

/// <summary>What one rank measured for one size.</summary>
/// <param name="Milliseconds">Of every round.</param>
/// <param name="AllocatedBytes">Managed bytes that its process allocated within the clock, a round.</param>
/// <param name="IsCorrect">Whether every sum of every round was right.</param>
public sealed record AllReduceTiming(IReadOnlyList<double> Milliseconds, long AllocatedBytes, bool IsCorrect);
