using System.Text.Json.Nodes;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Grains.Robustness;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>What one worker holds for one generation: data, network, its owned layers and the plan of the run's steps.</summary>
internal sealed class WorkerReplica : IDisposable
{
    private const double BytesPerMegabyte = 1e6;

    private readonly DataSetLease _lease;
    private readonly TensorFloat32? _tensorFloat32;

    private WorkerReplica(WorkerAssignment assignment, DataSetLease lease, DataSet data, Network network, Snapshot? snapshot)
    {
        _lease = lease;
        var spec = assignment.Spec;
        Assignment = assignment;
        Data = data;
        Test = data.Test.Limit(spec.TestLimit);
        Network = network;
        Robustness = RobustnessPlans.Of(spec).Within(Test.Count);
        Plan = new ShardPlan(data.Train.Count, spec.BatchSize, spec.LogicalShards, spec.Seed);
        Objective = RunObjective.Of(spec, data.Train);
        Statistics = Enum.Parse<RunningStatistics>(spec.RunningStatistics, ignoreCase: true);
        Normalization = Enum.Parse<Normalization>(spec.BatchNorm, ignoreCase: true);
        Exchange = new ExchangePlan(network, assignment.WorldSize, spec.LogicalShards, (long)Math.Ceiling(spec.BucketMegabytes * BytesPerMegabyte));
        Device = new ComputeDevice(assignment.Slot.Device);
        _tensorFloat32 = Device.IsCpu ? null : TensorFloat32.Hold(spec.Tf32);
        Owned = new OwnedLayers(network, Exchange.LayersOf(assignment.Rank), spec.Seed, RunOptimizer.Of(spec), AveragesWeights ? spec.EmaDecay : null, Device);
        Augments = spec.Augment ?? data.IsAugmented;
        if (snapshot is not null)
        {
            Resume(snapshot);
        }
    }

    public WorkerAssignment Assignment { get; }

    public RunSpec Spec => Assignment.Spec;

    public DataSet Data { get; }

    /// <summary>The test samples that are used; <see cref="Data"/> has all, since they decide no weights.</summary>
    public ILabelledImages Test { get; }

    public Network Network { get; }

    /// <summary>Attacks, certificates and noise at the end of the run.</summary>
    public RobustnessPlan Robustness { get; }

    public ShardPlan Plan { get; }

    public Objective Objective { get; }

    public RunningStatistics Statistics { get; }

    /// <summary>Whose statistics batch norms take in training.</summary>
    public Normalization Normalization { get; }

    /// <summary>What travels between the ranks in a step.</summary>
    public ExchangePlan Exchange { get; }

    public OwnedLayers Owned { get; }

    /// <summary>Whether a moving average of the weights is kept and evaluated.</summary>
    public bool AveragesWeights => Spec is { EmaDecay: > 0, EvalOnly: false };

    /// <summary>Shards computed at the same time.</summary>
    public int Threads => Assignment.Threads > 0 ? Assignment.Threads : Math.Max(1, Environment.ProcessorCount / Assignment.RanksOnSilo);

    public ComputeDevice Device { get; }

    /// <summary>Whether training samples are cropped and flipped.</summary>
    public bool Augments { get; }

    /// <summary>Steps done by the snapshot it starts from; the tensors are not kept.</summary>
    public long ResumedAtStep { get; private set; }

    /// <summary>The weights that are evaluated by a run that trains nothing.</summary>
    public WrittenModel? Evaluated { get; private set; }

    /// <summary>What that snapshot says of its run, if there is one.</summary>
    public JsonObject? ResumedRun { get; private set; }

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps => (long)Plan.StepsPerEpoch * Spec.Epochs;

    /// <summary>Loads everything; long and synchronous but for the data set.</summary>
    /// <exception cref="WorkerInputException">The data set or snapshot cannot be used as the spec wants it.</exception>
    public static async Task<WorkerReplica> CreateAsync(
        WorkerAssignment assignment, DataSetCache dataSets, OwnLayerKinds own, IProgress<DownloadProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            var spec = assignment.Spec;
            NativeLibrary.Check();
            return Create(assignment, own, await dataSets.LoadAsync(DataSetRequests.Of(spec), progress, cancellationToken));
        }
        catch (Exception exception) when (exception is DataFileException or CheckpointException or ArgumentException or NativeLibraryException or LibtorchException)
        {
            throw new WorkerInputException(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Owned.Dispose();
        _tensorFloat32?.Dispose();
        _lease.Dispose();
    }

    private static WorkerReplica Create(WorkerAssignment assignment, OwnLayerKinds own, DataSetLease lease)
    {
        try
        {
            var spec = assignment.Spec;
            var data = lease.Data.Limit(spec.TrainLimit);
            Check(spec, data);
            var network = Architectures.Build(spec.DescribedNetwork(), spec.NetworkParameters, data.Train, spec.SpectralGrid, own);
            RobustnessPlans.Of(spec).Check(network.Classes); // before it is trained
            var snapshot = assignment.ResumeFrom is null ? null : SnapshotReader.Read(assignment.ResumeFrom);
            return new WorkerReplica(assignment, lease, data, network, snapshot);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private void Resume(Snapshot snapshot)
    {
        try
        {
            if (Spec.EvalOnly)
            {
                Owned.ImportModel(snapshot);
                ResumedAtStep = snapshot.Step;
                Evaluated = new WrittenModel(snapshot.WeightsSha256, Path.Combine(snapshot.Folder, SnapshotFiles.Model), null);
                return;
            }

            if (snapshot.Step > TotalSteps)
            {
                throw new WorkerInputException(
                    $"{snapshot.Folder} has {snapshot.Step} steps behind it, but {Spec.Epochs} epochs have only {TotalSteps}; raise --epochs");
            }

            if (SnapshotEntries.ReadDataSha256(snapshot.Run) is { } made && made != Data.Sha256)
            {
                throw new WorkerInputException(
                    $"{snapshot.Folder} was trained on other data than {Spec.Dataset} is here (SHA-256 {made}, now {Data.Sha256}); give the same --data-dir and --train-limit");
            }

            Owned.Import(snapshot);
        }
        catch
        {
            Owned.Dispose();
            _tensorFloat32?.Dispose();
            throw;
        }

        (ResumedAtStep, ResumedRun) = (snapshot.Step, snapshot.Run);
    }

    private static void Check(RunSpec spec, DataSet data)
    {
        if (data.Train.Count < 2 * spec.LogicalShards)
        {
            throw new WorkerInputException(
                $"{spec.Dataset} has {data.Train.Count} training samples, expected at least {2 * spec.LogicalShards} (two for each of {spec.LogicalShards} shards); lower --shards");
        }
    }
}
