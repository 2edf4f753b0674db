using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Curvature;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Puts a run's results together on the leading rank; the coordinator adds the ranks.</summary>
internal static class RunResults
{
    public static RunCompleted Of(
        WorkerReplica replica, long step, EpochCompleted epoch, IReadOnlyList<SampleCurvature> samples, RobustnessFigures? robustness, WrittenModel model, double samplesPerSecond)
    {
        var spec = replica.Spec;
        var curvature = MeanCurvature.Of(samples);
        return new RunCompleted
        {
            TestAccuracy = epoch.TestAccuracy,
            TestLoss = epoch.TestLoss,
            Curvature = curvature.Mean.Curvature,
            HessianNorm = curvature.Mean.HessianNorm,
            GradNorm = curvature.Mean.GradientNorm,
            RayleighHessianNorm = curvature.Mean.RayleighHessianNorm,
            CurvatureSamples = curvature.Samples,
            Robustness = robustness,
            LossTerms = epoch.LossTerms,
            WeightsSha256 = model.WeightsSha256,
            ModelPath = model.ModelPath,
            SamplesPerSecond = samplesPerSecond,
            Steps = step,
            Epochs = spec.Epochs,
            Workers = replica.Assignment.WorldSize,
            Shards = spec.LogicalShards,
            Seed = spec.Seed,
            Spec = spec,
            ClassNames = replica.Data.Train.ClassNames,
            EmaTestLoss = epoch.EmaTestLoss,
            EmaTestAccuracy = epoch.EmaTestAccuracy,
            EmaWeightsSha256 = model.Average?.WeightsSha256,
            EmaModelPath = model.Average?.ModelPath,
        };
    }
}
