using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What is trained: everything that decides the final weights, and where they go.</summary>
/// <remarks>
/// Built by a function of <see cref="Recipes"/> and changed with <c>with</c>. Two specs that differ only in
/// <see cref="Workers"/>, <see cref="ThreadsPerWorker"/> or paths give the same weights, bit for bit (promise P1).
/// </remarks>
[GenerateSerializer, Immutable, Alias("lcnn.RunSpec")]
public sealed record RunSpec
{
    /// <summary>Name of the data set, one of <see cref="Names.Datasets"/> or added by the silos' programs, or the path of images of one's own on every silo, with a slash in it.</summary>
    [Id(0)] public string Dataset { get; init; } = "digits";

    /// <summary>Folder with the data set's files on the silo, or null to look in the usual places.</summary>
    [Id(1)] public string? DataDirectory { get; init; }

    /// <summary>Name of the network: one of <see cref="Names.Architectures"/>, one that the silos' programs add, or that of <see cref="Network"/>.</summary>
    [Id(2)] public string Architecture { get; init; } = "resnet8-lcnn";

    /// <summary>The recipe this spec started from, one of <see cref="Names.Presets"/>.</summary>
    [Id(3)] public string Preset { get; init; } = "default";

    /// <summary>The objective, one of <see cref="Names.Losses"/>; empty, with a network that only the silos know, for the one that suits it.</summary>
    [Id(4)] public string Loss { get; init; } = "curvature";

    /// <summary>Passes over the training set.</summary>
    [Id(5)] public int Epochs { get; init; } = 10;

    /// <summary>Samples of one optimizer step over all workers.</summary>
    [Id(6)] public int BatchSize { get; init; } = 64;

    /// <summary>V: slices of every global batch, a power of two. With <see cref="BatchNorm"/> global any V has the objective of one slice; else each slice is normalised alone.</summary>
    [Id(7)] public int LogicalShards { get; init; } = 2;

    /// <summary>World size, at most <see cref="LogicalShards"/>.</summary>
    [Id(8)] public int Workers { get; init; } = 2;

    /// <summary>Shards that one worker computes at the same time; 0 takes cores / workers.</summary>
    [Id(9)] public int ThreadsPerWorker { get; init; }

    /// <summary>Root of every random draw of the run.</summary>
    [Id(10)] public long Seed { get; init; } = 1729;

    /// <summary>Learning rate at the start of the schedule.</summary>
    [Id(11)] public double LearningRate { get; init; } = 0.1;

    /// <summary>Momentum of SGD, no dampening; AdamW has none.</summary>
    [Id(12)] public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay of every parameter but log_beta and log_lipschitz, with either optimizer; AdamW's is decoupled.</summary>
    [Id(13)] public double WeightDecay { get; init; } = 5e-4;

    /// <summary>How the learning rate falls, one of <see cref="Names.Schedules"/>.</summary>
    [Id(14)] public string Schedule { get; init; } = "cosine";

    /// <summary>l_b, the weight of the sum of betas in the loss.</summary>
    [Id(15)] public double BetaWeight { get; init; } = 1e-3;

    /// <summary>l_g, the weight of the sum of |log gamma| in the loss.</summary>
    [Id(16)] public double GammaWeight { get; init; } = 1e-3;

    /// <summary>l_n, the weight of the term on input gradients in the loss: the gradient norm's or CURE's.</summary>
    [Id(17)] public double GradientNormWeight { get; init; } = 1e-3;

    /// <summary>Random crop and flip as in the reference; null follows the data set (on for CIFAR).</summary>
    [Id(18)] public bool? Augment { get; init; }

    /// <summary>Training samples used, first in file order; 0 uses all.</summary>
    [Id(19)] public int TrainLimit { get; init; }

    /// <summary>Test samples whose curvature is measured at the end, first in file order; 0 measures none.</summary>
    [Id(20)] public int CurvatureSamples { get; init; } = 1000;

    /// <summary>Power iterations of the curvature estimate.</summary>
    [Id(21)] public int CurvatureIterations { get; init; } = 10;

    /// <summary>Image grid of the convolution's power method, one of <see cref="Names.SpectralGrids"/>.</summary>
    [Id(22)] public string SpectralGrid { get; init; } = "reference";

    /// <summary>Folder for snapshots and the report, on the silo.</summary>
    [Id(23)] public string OutputDirectory { get; init; } = "";

    /// <summary>Snapshot folder, or folder of a run whose latest snapshot is taken, from which the run goes on; null starts afresh.</summary>
    [Id(24)] public string? ResumeFrom { get; init; }

    /// <summary>Let workers of differing hardware or libtorch join, at the price of promise P1.</summary>
    [Id(25)] public bool AllowMixed { get; init; }

    /// <summary>How gradients travel between ranks, one of <see cref="Names.Transports"/>; "auto" picks per pair.</summary>
    [Id(26)] public string Transport { get; init; } = "auto";

    /// <summary>Steps between snapshots; 0 takes one at the end of every epoch.</summary>
    [Id(27)] public int SnapshotEvery { get; init; }

    /// <summary>Committed snapshots kept, at least 2.</summary>
    [Id(28)] public int KeepSnapshots { get; init; } = 2;

    /// <summary>Epoch after which the run ends with a snapshot, to be resumed later to the same result; 0 trains to the end.</summary>
    [Id(29)] public int PauseAfterEpoch { get; init; }

    /// <summary>Gradients that travel together, in megabytes: large networks send full buckets while backward runs. Never changes the result.</summary>
    [Id(30)] public double BucketMegabytes { get; init; } = 1;

    /// <summary>Test samples used, first in file order; 0 uses all. Never changes the weights.</summary>
    [Id(31)] public int TestLimit { get; init; }

    /// <summary>Whose statistics batch norms take in training, one of <see cref="Names.BatchNorms"/>; a spec stored before there was a choice has "shard".</summary>
    [Id(34)] public string BatchNorm { get; init; } = "shard";

    /// <summary>Epochs over which the learning rate falls, after which it stays at its last value; 0 takes <see cref="Epochs"/>.</summary>
    [Id(32)] public int ScheduleEpochs { get; init; }

    /// <summary>How the running statistics begin, one of <see cref="Names.RunningStatistics"/>; a spec stored before there was a choice has "reference".</summary>
    [Id(33)] public string RunningStatistics { get; init; } = "reference";

    /// <summary>Whether GPUs may round the factors of products to ten bits (TF32); processors never do.</summary>
    [Id(35)] public bool Tf32 { get; init; }

    /// <summary>What takes the steps, one of <see cref="Names.Optimizers"/>; a spec stored before there was a choice has "sgd".</summary>
    [Id(36)] public string Optimizer { get; init; } = "sgd";

    /// <summary>Whether the momentum of SGD is Nesterov's.</summary>
    [Id(37)] public bool Nesterov { get; init; }

    /// <summary>The decays of AdamW's two means, as <see cref="AdamBetas"/> reads them.</summary>
    [Id(38)] public string Betas { get; init; } = AdamBetas.Default;

    /// <summary>What AdamW adds to the root of the mean of squares.</summary>
    [Id(39)] public double Epsilon { get; init; } = 1e-8;

    /// <summary>The norm that the gradient of the whole network, penalties included and weight decay left out, is clipped to; 0 clips nothing.</summary>
    [Id(40)] public double ClipGradientNorm { get; init; }

    /// <summary>Epochs in which the learning rate rises to <see cref="LearningRate"/>, before the schedule has what is left of <see cref="ScheduledEpochs"/>.</summary>
    [Id(41)] public int WarmupEpochs { get; init; }

    /// <summary>Decay of the weights' moving average, which is evaluated and kept beside them; 0 keeps none.</summary>
    [Id(42)] public double EmaDecay { get; init; }

    /// <summary>Height and width, such as 32x32, to which images of one's own are resized and cropped; null takes them as they are.</summary>
    [Id(50)] public string? ImageSize { get; init; }

    /// <summary>Whether images of one's own are made grey.</summary>
    [Id(51)] public bool Grayscale { get; init; }

    /// <summary>Mean and deviation, such as 0.5/0.25, by which values of images of one's own are shifted and scaled; null for none.</summary>
    [Id(52)] public string? Normalize { get; init; }

    /// <summary>Share of every class of one's own images that makes the test set where they have none; 0 for images that have one.</summary>
    [Id(53)] public double Split { get; init; }

    /// <summary>Which images <see cref="Split"/> takes, whatever <see cref="Seed"/> is.</summary>
    [Id(54)] public long SplitSeed { get; init; }

    /// <summary>Whether images that cannot be used are left out instead of refusing the run.</summary>
    [Id(55)] public bool SkipBad { get; init; }

    /// <summary>The network as <see cref="NetworkDescription.ToJson"/> where the run brings its own, named by <see cref="Architecture"/>; null for a built-in one.</summary>
    [Id(60)] public string? Network { get; init; }

    /// <summary>Values of the network's parameters that replace its defaults, such as "blocks=2,width=8".</summary>
    [Id(61)] public string NetworkParameters { get; init; } = "";

    /// <summary>The method that decided network style, loss and weights before other options changed them, one of <see cref="Names.Methods"/>; null where none was named.</summary>
    [Id(70)] public string? Method { get; init; }

    /// <summary>How adversarial training finds its examples, one of <see cref="Names.Attacks"/>.</summary>
    [Id(71)] public string Attack { get; init; } = "authors";

    /// <summary>Radius of the l2 ball in which they are looked for, in units of the network's inputs.</summary>
    [Id(72)] public double AttackRadius { get; init; } = 0.1;

    /// <summary>Steps of the search; 0 for the attack's own.</summary>
    [Id(73)] public int AttackSteps { get; init; }

    /// <summary>Length of one; 0 for the attack's own.</summary>
    [Id(74)] public double AttackStepSize { get; init; }

    /// <summary>Attacks on the first test samples at the end, out of <see cref="EvaluationNames.Attacks"/> with commas between; empty for none. Nothing from here on changes the weights.</summary>
    [Id(80)] public string EvalAttacks { get; init; } = "";

    /// <summary>How they measure perturbations, one of <see cref="EvaluationNames.Norms"/>.</summary>
    [Id(81)] public string EvalNorm { get; init; } = EvaluationNames.L2;

    /// <summary>Largest perturbations of pixels in [0, 1], ascending, such as 0.25,0.5 or 8/255; those of certified accuracy, too. Empty for the usual of the norm.</summary>
    [Id(82)] public string EvalEpsilons { get; init; } = "";

    /// <summary>Steps of each attack, queries of square alone; 0 for each attack's own number.</summary>
    [Id(83)] public int EvalSteps { get; init; }

    /// <summary>Random starts of <see cref="EvaluationNames.AttacksWithRestarts"/>; 0 for one.</summary>
    [Id(84)] public int EvalRestarts { get; init; }

    /// <summary>Test samples that are attacked, certified and tried under noise at the end, first in file order.</summary>
    [Id(85)] public int EvalSamples { get; init; } = 100;

    /// <summary>Those that are attacked; 0 for <see cref="EvalSamples"/>.</summary>
    [Id(86)] public int EvalAttackSamples { get; init; }

    /// <summary>Whether the network is bounded at the end, and l2 radii are certified within which no sample's class changes.</summary>
    [Id(87)] public bool Certify { get; init; }

    /// <summary>l2 norms, in units of the network's inputs and ascending, of the noise under which gradients are compared at the end, such as 0.05,0.1; empty for none.</summary>
    [Id(88)] public string EvalNoise { get; init; } = "";

    /// <summary>Whether nothing is trained: the weights of <see cref="ResumeFrom"/> are evaluated and measured as at the end of a run, and nothing of it is changed.</summary>
    [Id(89)] public bool EvalOnly { get; init; }

    /// <summary>The network as it is described, built in or the run's own.</summary>
    /// <exception cref="ArgumentException">There is none of that name, or the description is none.</exception>
    public NetworkDescription DescribedNetwork() => Network is not null ? NetworkDescription.Parse(Network)
        : NetworkCatalog.Find(Architecture) ?? throw new ArgumentException($"unknown architecture '{Architecture}', expected one of {string.Join(", ", NetworkCatalog.Names)}");

    /// <summary>Epochs over which the learning rate rises and falls.</summary>
    public int ScheduledEpochs() => ScheduleEpochs > 0 ? ScheduleEpochs : Epochs;

    /// <summary>Another spec with the attacks, certificates and noise of this one.</summary>
    public RunSpec EvaluationFor(RunSpec other) => other with
    {
        EvalAttacks = EvalAttacks,
        EvalNorm = EvalNorm,
        EvalEpsilons = EvalEpsilons,
        EvalSteps = EvalSteps,
        EvalRestarts = EvalRestarts,
        EvalSamples = EvalSamples,
        EvalAttackSamples = EvalAttackSamples,
        Certify = Certify,
        EvalNoise = EvalNoise,
    };

    /// <summary>Every problem of this spec at once; empty when it can run where nothing but the built-in names is known.</summary>
    public IReadOnlyList<SpecProblem> Validate() => Validate(KnownNames.BuiltIn);

    /// <summary>Every problem of this spec at once; empty when it can run where these names are known.</summary>
    public IReadOnlyList<SpecProblem> Validate(KnownNames names) => RunSpecValidator.Validate(this, names);
}
