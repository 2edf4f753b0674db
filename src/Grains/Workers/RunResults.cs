using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Curvature;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Puts a run's results together on the leading rank; the coordinator adds the ranks.</summary>
internal static class RunResults
{
    public static RunCompleted Of(
        WorkerReplica replica, EpochCompleted epoch, IReadOnlyList<SampleCurvature> curvature, (string WeightsSha256, string ModelPath) model, double samplesPerSecond)
    {
        var spec = replica.Spec;
        return new RunCompleted
        {
            TestAccuracy = epoch.TestAccuracy,
            TestLoss = epoch.TestLoss,
            Curvature = Mean(sample => sample.Curvature),
            HessianNorm = Mean(sample => sample.HessianNorm),
            GradNorm = Mean(sample => sample.GradientNorm),
            RayleighHessianNorm = Mean(sample => sample.RayleighHessianNorm),
            CurvatureSamples = curvature.Count,
            LossTerms = epoch.LossTerms,
            WeightsSha256 = model.WeightsSha256,
            ModelPath = model.ModelPath,
            SamplesPerSecond = samplesPerSecond,
            Steps = replica.TotalSteps,
            Epochs = spec.Epochs,
            Workers = replica.Assignment.WorldSize,
            Shards = spec.LogicalShards,
            Seed = spec.Seed,
            Spec = spec,
        };

        double Mean(Func<SampleCurvature, double> value) => curvature.Count == 0 ? double.NaN : curvature.Average(value);
    }
}
