using System.CommandLine;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The options of <c>lcnn train</c>. Values stay text until <see cref="ArgumentReader"/> judges all of them together.</summary>
internal sealed class TrainOptions
{
    public const string RunIdName = "--run-id";
    public const string ArchParametersName = "--arch-parameters";

    public Option<string> Dataset { get; } = Choice("--dataset", "Data set, or the path of your own images (a folder with a folder for each class, .npz, Parquet, SVHN's .mat, or what 'lcnn data pack' wrote)", Names.Datasets, "digits");
    public Option<string> DataDirectory { get; } = Value("--data-dir", "folder", "Folder with the data set's files; with --cluster on the silos. Default: the usual places, see 'lcnn datasets'");
    public Option<string> Architecture { get; } = Choice("--arch", "Network, or the file of your own (see 'lcnn arch')", Names.Architectures, "resnet8-lcnn");
    public Option<string> ArchitectureParameters { get; } = Value(ArchParametersName, "list", "Values of the network's parameters, such as width=8,blocks=2. Default: its own, see 'lcnn arch list'");
    public Option<string> Preset { get; } = Choice("--preset", "Recipe that the other options change", Names.Presets, "default");
    public Option<string> Method { get; } = Choice("--method", "What the paper compares: a style of --arch, an objective and its weights, which the other options change", Names.Methods, "none: as --arch and --loss say");
    public Option<string> Loss { get; } = Choice("--loss", "Objective", Names.Losses, "curvature for *-lcnn networks, else ce");
    public Option<string> Epochs { get; } = Value("--epochs", "n", "Passes over the training set. Default: 20 for resnet8* on digits, 5 for resnet8* elsewhere, else 200");
    public Option<string> BatchSize { get; } = Value("--batch-size", "n", "Samples of one step over all workers together. Default: 64 for resnet8*, else 128");
    public Option<string> Shards { get; } = Value("--shards", "n", "Logical shards of every batch, a power of two; decides the result. Default: 2, or enough for --workers");
    public Option<string> Workers { get; } = Value("--workers", "n", "Workers, at most one per shard; never changes the result. Default: 2, at most --shards");
    public Option<string> Threads { get; } = Value("--threads", "n", "Shards that one worker computes at the same time. Default: cores / workers, at least 1");
    public Option<string> Seed { get; } = Value("--seed", "n", "Root of every random draw. Default: 1729");
    public Option<string> LearningRate { get; } = Value("--lr", "rate", "Learning rate at the start of the schedule. Default: 0.1, of adamw 1e-3");
    public Option<string> Momentum { get; } = Value("--momentum", "x", "Momentum of sgd. Default: 0.9");
    public Option<string> WeightDecay { get; } = Value("--weight-decay", "x", "Weight decay of all but betas and gammas; with adamw decoupled from the gradient. Default: 5e-4, of adamw 1e-2");
    public Option<string> Optimizer { get; } = Choice("--optimizer", "What takes the steps, as in torch.optim", Names.Optimizers, "sgd");
    public Option<bool> Nesterov { get; } = Flag("--nesterov", "Nesterov's momentum, for sgd. Default: off");
    public Option<string> Betas { get; } = Value("--betas", "x,y", "Decays of adamw's means of gradients and of their squares. Default: 0.9,0.999");
    public Option<string> Epsilon { get; } = Value("--eps", "x", "What adamw adds to the root of the squares. Default: 1e-8");
    public Option<string> ClipGradientNorm { get; } = Value("--clip-grad-norm", "x", "Clip the gradient of the whole network to this norm, penalties included, before weight decay. Default: 0, off");
    public Option<string> EmaDecay { get; } = Value("--ema-decay", "x", "Keep and evaluate a moving average of the weights with this decay, such as 0.999. Default: 0, none");
    public Option<string> WarmupEpochs { get; } = Value("--warmup-epochs", "n", "Epochs in which the learning rate rises to --lr, before the schedule. Default: 0");
    public Option<string> Schedule { get; } = Choice("--schedule", "How the learning rate falls", Names.Schedules, "cosine");
    public Option<string> ScheduleEpochs { get; } = Value("--schedule-epochs", "n", "Epochs over which the learning rate goes, the warm-up's included; after them it stays where it is. Default: 0, those of --epochs");
    public Option<string> BetaWeight { get; } = Value("--beta-weight", "x", "Weight of the sum of betas in the loss. Default: 1e-3");
    public Option<string> GammaWeight { get; } = Value("--gamma-weight", "x", "Weight of the sum of |log gamma| in the loss. Default: 1e-3");
    public Option<string> GradientNormWeight { get; } = Value("--gradnorm-weight", "x", "Weight of the term on input gradients in the loss, the gradient norm's or CURE's. Default: 1e-3");
    public Option<string> Attack { get; } = Choice("--attack", "How adversarial training finds its examples in an l2 ball", Names.Attacks, "authors");
    public Option<string> AttackRadius { get; } = Value("--attack-radius", "x", "Radius of the ball, in units of the network's inputs. Default: 0.1");
    public Option<string> AttackSteps { get; } = Value("--attack-steps", "n", "Steps of the search. Default: 3 of authors, 10 of standard");
    public Option<string> AttackStepSize { get; } = Value("--attack-step-size", "x", "Length of one. Default: a tenth of the radius, of standard 2.5 radii over all steps");
    public Option<bool> Augment { get; } = Flag("--augment", "Crop and flip training images at random. Default: only for cifar10 and cifar100");
    public Option<bool> NoAugment { get; } = Flag("--no-augment", "Train on the images as they are. Default: as for --augment");
    public Option<string> SpectralGrid { get; } = Choice("--spectral-grid", "Image grid of the convolutions' spectral norm", Names.SpectralGrids, "reference");
    public Option<string> BatchNorm { get; } = Choice("--batch-norm", "Whose statistics batch norms take: the whole global batch's, the same for any number of shards, or each shard's", Names.BatchNorms, "shard, with the presets reference and paper global");
    public Option<string> RunningStatistics { get; } = Choice("--running-statistics", "How batch norms' running statistics begin, at 0 and 1 or at the mean of the first batches", Names.RunningStatistics, "warm, with the presets reference and paper reference");
    public Option<bool> Tf32 { get; } = Flag("--tf32", "Let GPUs round the factors of products to ten bits (TF32): faster, and the spectral norm is off by about 1e-3. Default: off");
    public Option<string> TrainLimit { get; } = Value("--train-limit", "n", "Use only the first n training samples. Default: 0, all");
    public Option<string> TestLimit { get; } = Value("--test-limit", "n", "Evaluate on the first n test samples only. Default: 0, all");
    public Option<string> CurvatureSamples { get; } = Value("--curvature-samples", "n", "Test samples whose curvature is measured at the end, 0 for none. Default: 1000 for resnet8*, else 100");
    public Option<string> Out { get; } = Value("--out", "folder", "Folder for snapshots, model and report, of one run at a time; with --cluster on the silos. Default: a fresh one under runs/");
    public Option<string> Resume { get; } = Value("--resume", "folder", "Go on from the latest snapshot in --out, or from this run's or snapshot's folder; 'auto': from the one in --out if there is one, else afresh. What is not given stays as it was. Default: start afresh");
    public Option<bool> Overwrite { get; } = Flag("--overwrite", "Replace the run in --out. Default: refuse a folder that is not empty");
    public Option<bool> AllowMixed { get; } = Flag("--allow-mixed", "Let workers on differing hardware join; their number may then change the result. Default: refuse");
    public Option<string> Transport { get; } = Choice("--transport", "How gradients travel between workers", Names.Transports, "auto, which picks for each pair");
    public Option<string> BucketMegabytes { get; } = Value("--bucket-mb", "size", "Megabytes of gradients that travel together, while backward runs where the loss allows; never changes the result. Default: 1");
    public Option<string> SnapshotEvery { get; } = Value("--snapshot-every", "steps", "Steps between snapshots, 0 for one at the end of every epoch. Default: 0");
    public Option<string> Keep { get; } = Value("--keep", "n", "Snapshots kept, at least 2. Default: 2");
    public ClusterSwitches Cluster { get; } = new("train in this process");
    public Option<string> LocalSilos { get; } = Value("--local-silos", "n", "Train on n silo processes started on this machine for the run. Default: train in this process");
    public Option<bool> Detach { get; } = Flag("--detach", "With --cluster: print the run's id and leave; see 'lcnn watch'. Default: follow the run");
    public Option<string> RunId { get; } = Value(RunIdName, "id", "With --cluster: the run's id. Where a run of this id is there, it is followed instead of starting another, and one of another spec is refused. SIGTERM and SIGHUP then leave the run alone; Ctrl-C stops it. Default: a new one");
    public Option<bool> Json { get; } = CommonOptions.Json();
    public ImageSwitches Images { get; } = new();
    public RecordingSwitches Recording { get; } = new();
    public RobustnessSwitches Robustness { get; } = RobustnessSwitches.OfTraining();

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All =>
    [
        Dataset, DataDirectory, Architecture, ArchitectureParameters, Preset, Method, Loss, Epochs, BatchSize, Shards, Workers, Threads, Seed, LearningRate, Momentum,
        WeightDecay, Optimizer, Nesterov, Betas, Epsilon, ClipGradientNorm, EmaDecay, WarmupEpochs, Schedule, ScheduleEpochs, BetaWeight, GammaWeight, GradientNormWeight, Attack, AttackRadius, AttackSteps, AttackStepSize, Augment, NoAugment, SpectralGrid, BatchNorm, RunningStatistics, Tf32, TrainLimit, TestLimit,
        CurvatureSamples, .. Robustness.All, Out, Resume, Overwrite, SnapshotEvery, Keep, .. Cluster.All, LocalSilos, RunId, Detach, .. Recording.All, Transport, BucketMegabytes, AllowMixed, Json,
        .. Images.All,
    ];

    private static Option<string> Choice(string name, string what, IReadOnlyList<string> known, string initial) =>
        Value(name, "name", $"{what}: {string.Join(", ", known)}. Default: {initial}");

    private static Option<string> Value(string name, string helpName, string description) => CommonOptions.Value(name, helpName, description);

    private static Option<bool> Flag(string name, string description) => CommonOptions.Flag(name, description);
}
