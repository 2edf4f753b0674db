using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The learning rate that a spec asks for.</summary>
internal static class ScheduledRate
{
    /// <summary>That of one step, from 0; beyond the schedule's end its last one.</summary>
    public static double At(RunSpec spec, long step, int stepsPerEpoch)
    {
        var epochs = spec.ScheduledEpochs();
        return LearningRateSchedule.At(spec.Schedule, spec.LearningRate, Math.Min(step, ((long)stepsPerEpoch * epochs) - 1), stepsPerEpoch, epochs, spec.WarmupEpochs);
    }
}
