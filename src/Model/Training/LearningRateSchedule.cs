namespace Lcnn.Distributed.Model.Training;

/// <summary>How the learning rate falls over a run.</summary>
public static class LearningRateSchedule
{
    // train_models.py:223: int(0.75 epochs), int(0.875 epochs), factor 0.1.
    private static readonly double[] _milestones = [0.75, 0.875];
    private const double MilestoneFactor = 0.1;

    /// <summary>The names that <c>--schedule</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["multistep", "cosine", "constant"];

    /// <summary>The learning rate of one step.</summary>
    /// <param name="schedule">"multistep" (reference), "cosine" (down to 0 over all steps) or "constant".</param>
    /// <param name="initial">Learning rate at the start of the schedule.</param>
    /// <param name="step">From 0.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    /// <param name="epochs">Epochs of the warm-up and the schedule together.</param>
    /// <param name="warmupEpochs">
    /// Epochs before the schedule, which has what is left: the rate rises by equal amounts with every step, up to the initial one in their last, as
    /// torch.optim.lr_scheduler.SequentialLR does after a LinearLR(start_factor=1/n, total_iters=n-1) of n steps.
    /// </param>
    public static double At(string schedule, double initial, long step, int stepsPerEpoch, int epochs, int warmupEpochs = 0)
    {
        var warmup = (long)stepsPerEpoch * warmupEpochs;
        return step < warmup ? initial * (step + 1) / warmup : Scheduled(schedule, initial, step - warmup, stepsPerEpoch, epochs - warmupEpochs);
    }

    private static double Scheduled(string schedule, double initial, long step, int stepsPerEpoch, int epochs) => schedule switch
    {
        "constant" => initial,
        "cosine" => initial * 0.5 * (1 + Math.Cos(Math.PI * step / ((double)stepsPerEpoch * epochs))),
        "multistep" => initial * Math.Pow(MilestoneFactor, _milestones.Count(share => step / stepsPerEpoch >= (int)(share * epochs))),
        _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule, $"expected one of {string.Join(", ", Names)}"),
    };
}
