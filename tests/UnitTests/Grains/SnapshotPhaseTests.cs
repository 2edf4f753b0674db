using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.UnitTests.Checkpoints;
using Lcnn.Distributed.UnitTests.Training;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>A run of two epochs of two steps, of which one worker writes snapshots.</summary>
[Collection(nameof(TensorCount))]
public sealed class SnapshotPhaseTests : IAsyncLifetime
{
    private const long TotalSteps = 4;

    private readonly TemporaryFolder _root = new();
    private readonly FakeReports _coordinator = new();
    private readonly DataSetCache _dataSets = new(new DataSetLoader(), TimeProvider.System);
    private WorkerReplica? _replica;
    private ReportPump? _reports;
    private SnapshotPhase? _phase;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string OutputFolder => _root["run"];

    public async ValueTask InitializeAsync()
    {
        var spec = Recipes.Default() with
        {
            Epochs = 2,
            BatchSize = 32,
            LogicalShards = 2,
            Workers = 1,
            TrainLimit = 64,
            OutputDirectory = OutputFolder,
        };
        var assignment = new WorkerAssignment("run-1", 1, 0, 1, spec, 1, null, new DeviceSlot("silo", 0, "cpu"), Guid.NewGuid(), 1);
        _replica = await WorkerReplica.CreateAsync(assignment, _dataSets, OwnLayerKinds.None, new Progress<DownloadProgress>(), Token);
        _reports = new ReportPump(_coordinator, 1, TimeProvider.System, NullLogger.Instance);
    }

    public ValueTask DisposeAsync()
    {
        _reports?.Close();
        _replica?.Dispose();
        _root.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Write_Last_PublishesTheModelOnceItIsCommitted()
    {
        var (asked, committed) = (new TaskCompletionSource(), new TaskCompletionSource());
        _coordinator.Commit = _ =>
        {
            asked.SetResult();
            return committed.Task;
        };

        var model = Write(TotalSteps, isLast: true);
        await asked.Task.WaitAsync(Token);
        var wasThere = File.Exists(model!.ModelPath);
        committed.SetResult();
        await EndAsync();

        Assert.False(wasThere);
        Assert.Equal(WeightsFile(), await File.ReadAllBytesAsync(model.ModelPath, Token));
        Assert.Empty(_coordinator.Warnings);
    }

    [Fact]
    public async Task Write_Any_IsToldOnceTheFolderYieldsIt()
    {
        var yielded = new List<string>();
        _coordinator.Tell = _ =>
        {
            yielded.Add(File.ReadAllText(Path.Combine(OutputFolder, SnapshotFiles.Latest)).Trim());
            return Task.CompletedTask;
        };

        Write(1, isLast: false);
        Write(2, isLast: false);
        await EndAsync();

        Assert.Equal(["step-1.", "step-2."], yielded.Select(name => name[..7]));
    }

    [Fact]
    public async Task Write_Published_SaysWhatItIsAModelOf()
    {
        Write(TotalSteps, isLast: true);
        await EndAsync();

        var metadata = SafeTensorsFile.Read(Path.Combine(OutputFolder, SnapshotFiles.Model)).Metadata;

        Assert.Equal("pt", metadata["format"]);
        Assert.Equal((TotalSteps, "resnet8-lcnn"), (ModelMetadata.ReadStep(metadata), ModelMetadata.ReadArchitecture(metadata)));
        var images = _replica!.Data.Train;
        Assert.Equal(ModelMetadata.Of(_replica.Spec, TotalSteps, new ModelInput(images.Channels, images.Height, images.Width, images.Classes, images.ClassNames)), metadata);
        Assert.Equal(_replica.Spec.Loss, ModelMetadata.ReadSpec(metadata)?.Loss);
    }

    [Fact]
    public async Task Write_GenerationIsOver_PublishesNothing()
    {
        _coordinator.Commit = _ => throw new StaleGenerationException("run-1", 1, 2);

        Write(TotalSteps, isLast: true);
        await EndAsync();

        Assert.Single(SnapshotStore.List(OutputFolder));
        Assert.Single(Directory.GetFileSystemEntries(OutputFolder));
    }

    [Fact]
    public async Task Write_AnotherWasWrittenAndNotCommitted_KeepsTheOneCommittedBefore()
    {
        var committed = new List<string>();
        _coordinator.Commit = snapshot =>
        {
            committed.Add(snapshot.Path);
            return Task.CompletedTask;
        };

        Write(1, isLast: false);
        await ReportedAsync();
        SnapshotWriter.Write(OutputFolder, Samples.Content(2));
        Write(3, isLast: false);
        await EndAsync();

        Assert.All(committed, path => Assert.True(Directory.Exists(path), $"{path} is gone"));
        Assert.Equal(2, committed.Count);
    }

    [Fact]
    public async Task Write_NoRoomBeforeTheLastStep_WarnsAndGoesOnEvenWhenStopped()
    {
        await File.WriteAllTextAsync(OutputFolder, "in the way", Token);

        Assert.Null(Write(1, isLast: false));
        Assert.Null(Write(2, isLast: true));
        await EndAsync();

        Assert.Collection(
            _coordinator.Warnings,
            warning => Assert.EndsWith("; training goes on, the last snapshot is kept", warning, StringComparison.Ordinal),
            warning => Assert.EndsWith("; the last snapshot is kept", warning, StringComparison.Ordinal));
        Assert.All(_coordinator.Warnings, warning => Assert.Contains($"no snapshot could be written to {OutputFolder}", warning, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Write_NoRoomAfterTheLastStep_IsTheRunsFailure()
    {
        await File.WriteAllTextAsync(OutputFolder, "in the way", Token);

        var failure = Assert.Throws<TrainingFailure>(() => Write(TotalSteps, isLast: true));

        Assert.Contains("make room or choose another --out, and --resume from the last snapshot", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_coordinator.Warnings);
    }

    [Fact]
    public void Write_AnotherRunHasTheFolder_EndsByNameAndTouchesNothing()
    {
        using var other = Assert.IsType<ClaimOutcome.Held>(
            new ClaimContest(OutputFolder, Claimant.Run("run-2"), ClaimPlace.ThisProcess, TimeProvider.System).Try()).Claim;

        var failure = Assert.Throws<TrainingFailure>(() => Write(1, isLast: false));

        Assert.Contains($"'{OutputFolder}' was taken over by run run-2 since ", failure.Message, StringComparison.Ordinal);
        Assert.Empty(SnapshotStore.List(OutputFolder));
    }

    [Fact]
    public async Task Write_FolderIsTakenBeforeTheCommit_PublishesAndPrunesNothing()
    {
        FolderClaim? other = null;
        _coordinator.Commit = _ =>
        {
            other = ((ClaimOutcome.Held)new ClaimContest(OutputFolder, Claimant.Run("run-2"), ClaimPlace.ThisProcess, TimeProvider.System).Try()).Claim;
            return Task.CompletedTask;
        };

        Write(TotalSteps, isLast: true);
        await EndAsync();

        Assert.False(File.Exists(Path.Combine(OutputFolder, SnapshotFiles.Latest)));
        Assert.False(File.Exists(Path.Combine(OutputFolder, SnapshotFiles.Model)));
        other!.Release();
    }

    private WrittenModel? Write(long step, bool isLast)
    {
        var mailboxes = new Mailboxes();
        _phase ??= new SnapshotPhase(_replica!, new RankChannel(0, 1, mailboxes, mailboxes.MailboxOf(0), new RankActivity(), Token), _reports!);
        return _phase.Write(step, epoch: 1, new EpochMeter(), new RankSamples(_replica!.Plan, 1), isLast);
    }

    private Task EndAsync()
    {
        _reports!.Close();
        return _reports.Completion.WaitAsync(Token);
    }

    private Task ReportedAsync()
    {
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _reports!.Post((_, _) =>
        {
            reported.SetResult();
            return Task.CompletedTask;
        });
        return reported.Task.WaitAsync(Token);
    }

    private byte[] WeightsFile() => File.ReadAllBytes(Path.Combine(OutputFolder, Assert.Single(SnapshotStore.List(OutputFolder)).ToString(), SnapshotFiles.Model));
}
