using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Sweeps.Simulation;

/// <summary>What runs report that do not train: it follows from the learning rate.</summary>
internal static class StandInReports
{
    /// <summary>An epoch.</summary>
    public static EpochCompleted Epoch(RunSpec spec, int epoch) => new()
    {
        Epoch = epoch,
        TestAccuracy = Accuracy(spec, epoch),
        TestLoss = 1.0 / epoch,
        TrainAccuracy = 0.5,
        TrainLoss = 1.5 / epoch,
        SamplesPerSecond = 1234.5,
    };

    /// <summary>Its accuracy on the test set.</summary>
    public static double Accuracy(RunSpec spec, int epoch) => 1 - Math.Abs(Math.Log10(spec.LearningRate) + 1.5) - (0.01 / epoch);
}
