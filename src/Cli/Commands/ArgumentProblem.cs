using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>One reason why a command cannot start: the argument as it is typed, and what to change.</summary>
internal sealed record ArgumentProblem(string Argument, string Message)
{
    // Fields that are missing here have no option and go by their own name.
    private static readonly Dictionary<string, string> _options = new()
    {
        [nameof(RunSpec.Dataset)] = "--dataset",
        [nameof(RunSpec.DataDirectory)] = "--data-dir",
        [nameof(RunSpec.Architecture)] = "--arch",
        [nameof(RunSpec.Network)] = "--arch",
        [nameof(RunSpec.NetworkParameters)] = TrainOptions.ArchParametersName,
        [nameof(RunSpec.Preset)] = "--preset",
        [nameof(RunSpec.Method)] = "--method",
        [nameof(RunSpec.Loss)] = "--loss",
        [nameof(RunSpec.Epochs)] = "--epochs",
        [nameof(RunSpec.BatchSize)] = "--batch-size",
        [nameof(RunSpec.LogicalShards)] = "--shards",
        [nameof(RunSpec.Workers)] = "--workers",
        [nameof(RunSpec.ThreadsPerWorker)] = "--threads",
        [nameof(RunSpec.Seed)] = "--seed",
        [nameof(RunSpec.LearningRate)] = "--lr",
        [nameof(RunSpec.Momentum)] = "--momentum",
        [nameof(RunSpec.WeightDecay)] = "--weight-decay",
        [nameof(RunSpec.Optimizer)] = "--optimizer",
        [nameof(RunSpec.Nesterov)] = "--nesterov",
        [nameof(RunSpec.Betas)] = "--betas",
        [nameof(RunSpec.Epsilon)] = "--eps",
        [nameof(RunSpec.ClipGradientNorm)] = "--clip-grad-norm",
        [nameof(RunSpec.EmaDecay)] = "--ema-decay",
        [nameof(RunSpec.WarmupEpochs)] = "--warmup-epochs",
        [nameof(RunSpec.Schedule)] = "--schedule",
        [nameof(RunSpec.ScheduleEpochs)] = "--schedule-epochs",
        [nameof(RunSpec.BetaWeight)] = "--beta-weight",
        [nameof(RunSpec.GammaWeight)] = "--gamma-weight",
        [nameof(RunSpec.GradientNormWeight)] = "--gradnorm-weight",
        [nameof(RunSpec.Attack)] = "--attack",
        [nameof(RunSpec.AttackRadius)] = "--attack-radius",
        [nameof(RunSpec.AttackSteps)] = "--attack-steps",
        [nameof(RunSpec.AttackStepSize)] = "--attack-step-size",
        [nameof(RunSpec.Augment)] = "--augment",
        [nameof(RunSpec.TrainLimit)] = "--train-limit",
        [nameof(RunSpec.TestLimit)] = "--test-limit",
        [nameof(RunSpec.CurvatureSamples)] = "--curvature-samples",
        [nameof(RunSpec.EvalAttacks)] = "--eval-attacks",
        [nameof(RunSpec.EvalNorm)] = "--eval-norm",
        [nameof(RunSpec.EvalEpsilons)] = "--eval-epsilons",
        [nameof(RunSpec.EvalSteps)] = "--eval-steps",
        [nameof(RunSpec.EvalRestarts)] = "--eval-restarts",
        [nameof(RunSpec.EvalSamples)] = "--eval-samples",
        [nameof(RunSpec.EvalAttackSamples)] = "--eval-attack-samples",
        [nameof(RunSpec.Certify)] = "--certify",
        [nameof(RunSpec.EvalNoise)] = "--eval-noise",
        [nameof(RunSpec.SpectralGrid)] = "--spectral-grid",
        [nameof(RunSpec.BatchNorm)] = "--batch-norm",
        [nameof(RunSpec.RunningStatistics)] = "--running-statistics",
        [nameof(RunSpec.OutputDirectory)] = "--out",
        [nameof(RunSpec.ResumeFrom)] = "--resume",
        [nameof(RunSpec.Tf32)] = "--tf32",
        [nameof(RunSpec.AllowMixed)] = "--allow-mixed",
        [nameof(RunSpec.Transport)] = "--transport",
        [nameof(RunSpec.BucketMegabytes)] = "--bucket-mb",
        [nameof(RunSpec.SnapshotEvery)] = "--snapshot-every",
        [nameof(RunSpec.KeepSnapshots)] = "--keep",
        [nameof(RunSpec.ImageSize)] = "--image-size",
        [nameof(RunSpec.Grayscale)] = "--grayscale",
        [nameof(RunSpec.Normalize)] = "--normalize",
        [nameof(RunSpec.Split)] = "--split",
        [nameof(RunSpec.SplitSeed)] = "--split-seed",
        [nameof(RunSpec.SkipBad)] = "--skip-bad",
    };

    /// <summary>A spec's problem in the words of the command line.</summary>
    public static ArgumentProblem Of(SpecProblem problem) =>
        new(_options.GetValueOrDefault(problem.Field, problem.Field), problem.Message);

    public override string ToString() => $"{Argument}: {Message}";
}
