using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>One numbered entry of a run's log; the kinds are the nested files' records.</summary>
/// <remarks>Readers must ignore kinds and members they do not know. On the wire and in JSON the kinds are append-only.</remarks>
[GenerateSerializer, Immutable, Alias("lcnn.RunEvent")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RunStarted), "started")]
[JsonDerivedType(typeof(StepCompleted), "step")]
[JsonDerivedType(typeof(EpochCompleted), "epoch")]
[JsonDerivedType(typeof(SnapshotCommitted), "snapshot")]
[JsonDerivedType(typeof(RunWarning), "warning")]
[JsonDerivedType(typeof(EvaluationProgressed), "evaluation")]
[JsonDerivedType(typeof(CurvatureProgressed), "curvature")]
[JsonDerivedType(typeof(DataSetDownloading), "download")]
[JsonDerivedType(typeof(RunWaiting), "waiting")]
[JsonDerivedType(typeof(GenerationChanged), "generation")]
[JsonDerivedType(typeof(RunCompleted), "completed")]
[JsonDerivedType(typeof(RunFailed), "failed")]
[JsonDerivedType(typeof(RunCancelled), "cancelled")]
[JsonDerivedType(typeof(SnapshotsSetAside), "setAside")]
[JsonDerivedType(typeof(RobustnessProgressed), "robustness")]
public abstract record RunEvent : INumberedEvent
{
    /// <summary>Version of the event's shape; members are only ever added within one.</summary>
    [Id(0)] public int Schema { get; init; } = 1;

    /// <summary>The run's id, as its start answered it.</summary>
    [Id(1)] public string RunId { get; init; } = "";

    /// <summary>Position in the run's log, from 1, without gaps.</summary>
    [Id(2)] public long Sequence { get; init; }

    /// <summary>When the coordinator logged it.</summary>
    [Id(3)] public DateTimeOffset Time { get; init; }

    /// <summary>Whether the run emits nothing after this.</summary>
    [JsonIgnore] public virtual bool IsFinal => false;
}

/// <summary>All workers have joined and training begins.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunStarted")]
public sealed record RunStarted : RunEvent
{
    /// <summary>Everything the run was asked for, defaults included.</summary>
    [Id(0)] public RunSpec Spec { get; init; } = new();
    /// <summary>Steps of the whole run.</summary>
    [Id(1)] public long TotalSteps { get; init; }
    /// <summary>Optimizer steps of one epoch.</summary>
    [Id(2)] public int StepsPerEpoch { get; init; }
    /// <summary>Steps already done by the snapshot the run goes on from.</summary>
    [Id(3)] public long ResumedAtStep { get; init; }
    /// <summary>Samples of the training set, after <see cref="RunSpec.TrainLimit"/>.</summary>
    [Id(4)] public int TrainSamples { get; init; }
    /// <summary>Test samples.</summary>
    [Id(5)] public int TestSamples { get; init; }
    /// <summary>Learnable numbers in the network.</summary>
    [Id(6)] public long ParameterCount { get; init; }
    /// <summary>What batch statistics are taken over: "batch" for V = 1 and for global batch norm, else "shard" (ghost batch norm over B/V samples).</summary>
    [Id(7)] public string BatchNorm { get; init; } = "batch";
    /// <summary>Hash of the numerical environment all workers share (promise P1).</summary>
    [Id(8)] public string Fingerprint { get; init; } = "";
    /// <summary>Which rank computes which shards, in rank order.</summary>
    [Id(9)] public IReadOnlyList<RankAssignment> Ranks { get; init; } = [];
    /// <summary>Membership number of the run.</summary>
    [Id(10)] public int Generation { get; init; }
    /// <summary>What the labels mean, by label; empty where nobody says.</summary>
    [Id(11)] public IReadOnlyList<string> ClassNames { get; init; } = [];
}

/// <summary>The run has no workers until slots are free.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunWaiting")]
public sealed record RunWaiting : RunEvent
{
    /// <summary>Slots wanted, those there are, and what has them.</summary>
    [Id(0)] public string Reason { get; init; } = "";
}

/// <summary>The run's membership changed: it goes on from a snapshot with other workers, to the same result.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.GenerationChanged")]
public sealed record GenerationChanged : RunEvent
{
    /// <summary>The new membership number.</summary>
    [Id(0)] public int Generation { get; init; }
    /// <summary>Why: which rank, silo, step and phase.</summary>
    [Id(1)] public string Reason { get; init; } = "";
    /// <summary>Steps done by the snapshot it goes on from.</summary>
    [Id(2)] public long FromStep { get; init; }
    /// <summary>Steps that were done before and are made again.</summary>
    [Id(3)] public long ReplayedSteps { get; init; }
    /// <summary>Which rank computes which shards, in rank order.</summary>
    [Id(4)] public IReadOnlyList<RankAssignment> Ranks { get; init; } = [];
}

/// <summary>What one rank computes and owns.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RankAssignment")]
public sealed record RankAssignment(
    [property: Id(0)] int Rank, [property: Id(1)] int FirstShard, [property: Id(2)] int ShardCount,
    [property: Id(3)] int OwnedLayers, [property: Id(4)] int Threads, [property: Id(5)] string Device, [property: Id(6)] string Silo = "");

/// <summary>One optimizer step is done on every rank. All means are over the global batch.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.StepCompleted")]
public sealed record StepCompleted : RunEvent
{
    /// <summary>Steps done, from 1.</summary>
    [Id(0)] public long Step { get; init; }
    /// <summary>Epoch of the step, from 1.</summary>
    [Id(1)] public int Epoch { get; init; }
    /// <summary>The loss before the step, penalties included.</summary>
    [Id(2)] public double Loss { get; init; }
    /// <summary>Each term of the loss apart.</summary>
    [Id(3)] public LossTerms LossTerms { get; init; } = new();
    /// <summary>Learning rate of this step.</summary>
    [Id(4)] public double LearningRate { get; init; }
    /// <summary>Training samples per second since the last step event, all ranks together.</summary>
    [Id(5)] public double SamplesPerSecond { get; init; }
    /// <summary>Share of the batch classified rightly, 0..1.</summary>
    [Id(6)] public double TrainAccuracy { get; init; }
}

/// <summary>One epoch is trained and evaluated.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.EpochCompleted")]
public sealed record EpochCompleted : RunEvent
{
    /// <summary>The epoch, from 1.</summary>
    [Id(0)] public int Epoch { get; init; }
    /// <summary>Steps done.</summary>
    [Id(1)] public long Step { get; init; }
    /// <summary>Mean training loss of the epoch, penalties included.</summary>
    [Id(2)] public double TrainLoss { get; init; }
    /// <summary>Share of the epoch's training samples classified rightly as they were trained on, 0..1.</summary>
    [Id(3)] public double TrainAccuracy { get; init; }
    /// <summary>Mean terms of the loss over the epoch.</summary>
    [Id(4)] public LossTerms LossTerms { get; init; } = new();
    /// <summary>Mean cross-entropy on the test set.</summary>
    [Id(5)] public double TestLoss { get; init; }
    /// <summary>Share of the test set classified rightly, 0..1.</summary>
    [Id(6)] public double TestAccuracy { get; init; }
    /// <summary>Training samples per second in this epoch, evaluation left out.</summary>
    [Id(7)] public double SamplesPerSecond { get; init; }
    /// <summary>Smallest and largest effective beta; null without betas.</summary>
    [Id(8)] public ValueRange? Beta { get; init; }
    /// <summary>Smallest and largest gamma; null without gammas.</summary>
    [Id(9)] public ValueRange? Gamma { get; init; }
    /// <summary>Mean cross-entropy of the weights' moving average on the test set; null where none is kept.</summary>
    [Id(10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? EmaTestLoss { get; init; }
    /// <summary>Share of the test set that the average classifies rightly, 0..1; null where none is kept.</summary>
    [Id(11), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? EmaTestAccuracy { get; init; }
    /// <summary>Estimate of the bound on the Hessian of the logits that <see cref="RunSpec.Certify"/> certifies, neither above nor below it for certain; null where owners do not divide all weights by their norms.</summary>
    [Id(12), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? CurvatureBound { get; init; }
    /// <summary>What every activation adds to it, in forward order; null like it.</summary>
    [Id(13), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<LayerShare>? CurvatureShares { get; init; }
    /// <summary>Every layer with a beta or a gamma, in the network's order; null where no layer has one.</summary>
    [Id(14), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<LayerSharpness>? Layers { get; init; }
    /// <summary>Where the leading rank's time went in a mean step of the epoch; null where none was made.</summary>
    [Id(15), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public StepTimes? StepTimes { get; init; }
}

/// <summary>A range of a quantity over the layers of a network.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.ValueRange")]
public sealed record ValueRange([property: Id(0)] double Minimum, [property: Id(1)] double Maximum);

/// <summary>How sharp a layer's activation may be, and how far its batch norm may stretch.</summary>
/// <param name="Path">Of the layer.</param>
/// <param name="Beta">Effective, null without one.</param>
/// <param name="Gamma">Null without one.</param>
[GenerateSerializer, Immutable, Alias("lcnn.LayerSharpness")]
public sealed record LayerSharpness([property: Id(0)] string Path, [property: Id(1)] double? Beta, [property: Id(2)] double? Gamma);

/// <summary>Seconds of a mean step on one rank, by phase; phases of one step may overlap. Evaluation and snapshots are no part of steps.</summary>
/// <param name="Step">From its beginning to its end.</param>
/// <param name="Forward">In forward passes, the mean of the rank's threads.</param>
/// <param name="Backward">In backward passes, the same.</param>
/// <param name="Owner">As an owner: power iterations, sums, chain rule and optimizer.</param>
/// <param name="Wait">For parcels of other ranks: the all-reduce, its own way through a transport included, and whoever is late.</param>
/// <param name="Data">Gathering samples, the mean of the rank's threads; most of it ahead of the step.</param>
[GenerateSerializer, Immutable, Alias("lcnn.StepTimes")]
public sealed record StepTimes(
    [property: Id(0)] double Step, [property: Id(1)] double Forward, [property: Id(2)] double Backward, [property: Id(3)] double Owner,
    [property: Id(4)] double Wait, [property: Id(5)] double Data);

/// <summary>A snapshot is durable and can be resumed from.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SnapshotCommitted")]
public sealed record SnapshotCommitted : RunEvent
{
    /// <summary>Steps done in it.</summary>
    [Id(0)] public long Step { get; init; }
    /// <summary>Full path of its folder.</summary>
    [Id(1)] public string Path { get; init; } = "";
    /// <summary>SHA-256 over its weights.</summary>
    [Id(2)] public string WeightsSha256 { get; init; } = "";
}

/// <summary>The run went back in its folder: the snapshots that are newer than the one it goes on from are kept elsewhere.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SnapshotsSetAside")]
public sealed record SnapshotsSetAside : RunEvent
{
    /// <summary>Steps done by the snapshot it goes on from; 0 for the beginning.</summary>
    [Id(0)] public long FromStep { get; init; }
    /// <summary>Names of the newer ones, oldest first.</summary>
    [Id(1)] public IReadOnlyList<string> Snapshots { get; init; } = [];
    /// <summary>Where they are now, with the model and the report that belonged to them; itself a folder to resume or to evaluate.</summary>
    [Id(2)] public string Folder { get; init; } = "";
}

/// <summary>Something the user should know that does not stop the run.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunWarning")]
public sealed record RunWarning : RunEvent
{
    /// <summary>What, where, and what to do.</summary>
    [Id(0)] public string Message { get; init; } = "";
}

/// <summary>Progress of an evaluation that takes seconds, judged by the leading rank's share of it.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.EvaluationProgressed")]
public sealed record EvaluationProgressed : RunEvent
{
    /// <summary>Steps behind the weights that are evaluated.</summary>
    [Id(0)] public long Step { get; init; }
    /// <summary>Test samples evaluated.</summary>
    [Id(1)] public int Samples { get; init; }
    /// <summary>Test samples to evaluate.</summary>
    [Id(2)] public int TotalSamples { get; init; }
}

/// <summary>Progress of the curvature measurement after training.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.CurvatureProgressed")]
public sealed record CurvatureProgressed : RunEvent
{
    /// <summary>Samples measured.</summary>
    [Id(0)] public int Samples { get; init; }
    /// <summary>Samples to measure.</summary>
    [Id(1)] public int TotalSamples { get; init; }
}

/// <summary>Progress of attacks, certificates and noise after training, judged by the leading rank's share of the work until it has done it.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RobustnessProgressed")]
public sealed record RobustnessProgressed : RunEvent
{
    /// <summary>Share of the work that is done, 0..1.</summary>
    [Id(0)] public double Share { get; init; }
    /// <summary>Test samples done, more or less.</summary>
    [Id(1)] public int Samples { get; init; }
    /// <summary>Test samples to attack, certify or try under noise.</summary>
    [Id(2)] public int TotalSamples { get; init; }
}

/// <summary>Progress of a data set's download before training, or of the decoding of a user's own images.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.DataSetDownloading")]
public sealed record DataSetDownloading : RunEvent
{
    /// <summary>File on its way, or path of the images.</summary>
    [Id(0)] public string File { get; init; } = "";
    /// <summary>Bytes that are here.</summary>
    [Id(1)] public long Bytes { get; init; }
    /// <summary>Bytes of the file, 0 when unknown.</summary>
    [Id(2)] public long TotalBytes { get; init; }
    /// <summary>Images that were decoded; 0 of a download.</summary>
    [Id(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Images { get; init; }
}

/// <summary>The run is done; its report is also in <c>report.json</c>.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunCompleted")]
public sealed record RunCompleted : RunEvent
{
    /// <summary>Share of the test set classified rightly, 0..1.</summary>
    [Id(0)] public double TestAccuracy { get; init; }
    /// <summary>Mean cross-entropy on the test set.</summary>
    [Id(1)] public double TestLoss { get; init; }
    /// <summary>Mean normalised curvature ||Hu|| / (||g|| + 1e-6); NaN when not measured.</summary>
    [Id(2)] public double Curvature { get; init; } = double.NaN;
    /// <summary>Mean Hessian norm ||Hu||; NaN when not measured.</summary>
    [Id(3)] public double HessianNorm { get; init; } = double.NaN;
    /// <summary>Mean norm of the input gradient; NaN when not measured.</summary>
    [Id(4)] public double GradNorm { get; init; } = double.NaN;
    /// <summary>Mean |u'Hu|, the reference's own estimate of the Hessian norm; NaN when not measured.</summary>
    [Id(5)] public double RayleighHessianNorm { get; init; } = double.NaN;
    /// <summary>Test samples behind the curvature means.</summary>
    [Id(6)] public int CurvatureSamples { get; init; }
    /// <summary>Mean terms of the loss over the last epoch.</summary>
    [Id(7)] public LossTerms LossTerms { get; init; } = new();
    /// <summary>SHA-256 over all tensors of the final model.safetensors.</summary>
    [Id(8)] public string WeightsSha256 { get; init; } = "";
    /// <summary>Training samples per second over the run, evaluation left out.</summary>
    [Id(9)] public double SamplesPerSecond { get; init; }
    /// <summary>Steps done.</summary>
    [Id(10)] public long Steps { get; init; }
    /// <summary>Epochs done.</summary>
    [Id(11)] public int Epochs { get; init; }
    /// <summary>Ranks at the end of the run.</summary>
    [Id(12)] public int Workers { get; init; }
    /// <summary>Logical shards V.</summary>
    [Id(13)] public int Shards { get; init; }
    /// <summary>The seed that every draw of the run comes from.</summary>
    [Id(14)] public long Seed { get; init; }
    /// <summary>Work of each rank, in rank order.</summary>
    [Id(15)] public IReadOnlyList<RankReport> Ranks { get; init; } = [];
    /// <summary>The final model file.</summary>
    [Id(16)] public string ModelPath { get; init; } = "";
    /// <summary>Everything the run was asked for, defaults included.</summary>
    [Id(17)] public RunSpec Spec { get; init; } = new();
    /// <summary>What the labels mean, by label; empty where nobody says.</summary>
    [Id(18)] public IReadOnlyList<string> ClassNames { get; init; } = [];
    /// <summary>Mean cross-entropy of the weights' moving average on the test set; null where none is kept. All else here is the network's own.</summary>
    [Id(19), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? EmaTestLoss { get; init; }
    /// <summary>Share of the test set that the average classifies rightly, 0..1; null where none is kept.</summary>
    [Id(20), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? EmaTestAccuracy { get; init; }
    /// <summary>SHA-256 over all tensors of the average; null where none is kept.</summary>
    [Id(21), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? EmaWeightsSha256 { get; init; }
    /// <summary>The final model file of the average; null where none is kept.</summary>
    [Id(22), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? EmaModelPath { get; init; }
    /// <summary>What attacks, certificates and noise say of the final weights; null where none was asked for.</summary>
    [Id(23), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public RobustnessFigures? Robustness { get; init; }

    /// <inheritdoc/>
    [JsonIgnore] public override bool IsFinal => true;
}

/// <summary>What one rank did.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RankReport")]
public sealed record RankReport
{
    /// <summary>The rank, from 0.</summary>
    [Id(0)] public int Rank { get; init; }
    /// <summary>Training samples it computed in the run's history: steps that were made again after a fault count once.</summary>
    [Id(1)] public long Samples { get; init; }
    /// <summary>Seconds its threads spent in forward and backward passes.</summary>
    [Id(2)] public double ComputeSeconds { get; init; }
    /// <summary>Bytes it handed to other ranks, by transport name.</summary>
    [Id(3)] public IReadOnlyDictionary<string, long> BytesSent { get; init; } = new Dictionary<string, long>();
    /// <summary>Seconds its threads spent gathering samples.</summary>
    [Id(4)] public double DataSeconds { get; init; }
    /// <summary>Seconds it spent as an owner: power iterations, sums, chain rule and optimizer.</summary>
    [Id(5)] public double OwnerSeconds { get; init; }
    /// <summary>Seconds it waited for parcels, its own way through a transport included.</summary>
    [Id(6)] public double WaitSeconds { get; init; }
    /// <summary>Of <see cref="ComputeSeconds"/>, those of forward passes.</summary>
    [Id(7)] public double ForwardSeconds { get; init; }
    /// <summary>Of <see cref="Samples"/>, those that its seconds are of: since it was last resumed.</summary>
    [Id(8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long TimedSamples { get; init; }
    /// <summary>Seconds its steps took from beginning to end, of <see cref="TimedSamples"/>.</summary>
    [Id(9), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public double StepSeconds { get; init; }
    /// <summary>Threads that <see cref="ComputeSeconds"/> and <see cref="DataSeconds"/> are of, all together.</summary>
    [Id(10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Threads { get; init; }
}

/// <summary>The run broke; its last snapshot is kept.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunFailed")]
public sealed record RunFailed : RunEvent
{
    /// <summary>What, where (rank, step), expected and got, what to do.</summary>
    [Id(0)] public string Error { get; init; } = "";
    /// <summary>Whether bad arguments or data caused it, rather than the run itself.</summary>
    [Id(1)] public bool BadInput { get; init; }
    /// <summary>Newest snapshot, if any.</summary>
    [Id(2)] public string? Snapshot { get; init; }

    /// <inheritdoc/>
    [JsonIgnore] public override bool IsFinal => true;
}

/// <summary>The run was stopped on request and kept a snapshot.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunCancelled")]
public sealed record RunCancelled : RunEvent
{
    /// <summary>Who asked for it: a signal's name, or a client's words.</summary>
    [Id(0)] public string Reason { get; init; } = "";
    /// <summary>Steps done.</summary>
    [Id(1)] public long Step { get; init; }
    /// <summary>The snapshot to resume from, if a step was done.</summary>
    [Id(2)] public string? Snapshot { get; init; }
    /// <summary>What every rank did in the last generation; empty when its workers were lost.</summary>
    [Id(3)] public IReadOnlyList<RankReport> Ranks { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore] public override bool IsFinal => true;
}
