using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.Silo.Storage;
using Lcnn.Distributed.UnitTests.Data;
using Orleans.Storage;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class FolderRecordsTests : IDisposable
{
    private static readonly GrainId _id = GrainId.Create("sweep", "a/b");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Record_Written_IsThereForTheNextProcess()
    {
        var written = new GrainState<SweepRecord>(new SweepRecord { SpecJson = "{}", Number = 7 });
        await Storage().WriteStateAsync("sweep", _id, written);

        var read = new GrainState<SweepRecord>(new SweepRecord());
        await Storage().ReadStateAsync("sweep", _id, read);

        Assert.Equal((true, 7L, written.ETag), (read.RecordExists, read.State!.Number, read.ETag));
    }

    [Fact]
    public async Task Record_WrittenBySomebodyElse_IsNotOverwritten()
    {
        var (first, second) = (new GrainState<SweepRecord>(new SweepRecord()), new GrainState<SweepRecord>(new SweepRecord()));
        await Storage().ReadStateAsync("sweep", _id, first);
        await Storage().ReadStateAsync("sweep", _id, second);
        first.State = new SweepRecord { Number = 1 };
        await Storage().WriteStateAsync("sweep", _id, first);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage().WriteStateAsync("sweep", _id, second));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage().ClearStateAsync("sweep", _id, second));
        await Storage().ClearStateAsync("sweep", _id, first);

        Assert.Equal((false, null), (first.RecordExists, first.ETag));
    }

    [Fact]
    public async Task Log_LastLineCutShort_GoesOnBehindTheWholeOnes()
    {
        await Log().AppendAsync("s", [Warning(1), Warning(2)], Token);
        var file = Assert.Single(Directory.GetFiles(_folder["log"]));
        await File.AppendAllTextAsync(file, "{\"event\":\"sweepWar", Token);

        var again = Log();
        var stored = await again.ReadAfterAsync("s", 0, 10, Token);
        var appended = await again.AppendAsync("s", [Warning(3)], Token);

        Assert.Equal([1L, 2L], stored.Select(said => said.Sequence));
        Assert.Equal((false, 3L), (appended.IsSuperseded, appended.LastSequence));
        Assert.Equal([2L, 3L], (await Log().ReadBeforeAsync("s", long.MaxValue, 2, Token)).Select(said => said.Sequence));
    }

    [Fact]
    public async Task Log_NumbersThatAreTaken_AreRefusedUnlessItIsTheSameBatch()
    {
        await Log().AppendAsync("s", [Warning(1), Warning(2)], Token);

        var repeated = await Log().AppendAsync("s", [Warning(1), Warning(2)], Token);
        var other = await Log().AppendAsync("s", [Warning(2) with { Message = "other" }], Token);
        await Log().TrimAsync("s", static _ => false, Token);

        Assert.Equal((false, true), (repeated.IsSuperseded, other.IsSuperseded));
        Assert.Equal([2L], (await Log().ReadAfterAsync("s", 0, 10, Token)).Select(said => said.Sequence));
    }

    private static SweepWarning Warning(long number) => new() { Sequence = number, Message = $"{number}" };

    private FolderGrainStorage Storage() => new(_folder.Path, new MessagePackStorageSerializer());

    private FolderLogStore<SweepEvent> Log() => FolderLogs.OfSweeps(_folder.Path);
}
