using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Catalogs;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Silo.Storage;
using Lcnn.Distributed.UnitTests.Cli;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class MessagePackStorageSerializerTests
{
    private readonly MessagePackStorageSerializer _serializer = new();

    [Fact]
    public void RoundTrip_OfTheCatalog_ChangesNothing()
    {
        var catalog = new RunCatalog();
        catalog.Record(new RunEntry("run-1", new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.FromHours(2)), RunPhase.Waiting, "digits", "resnet8", 3, "/runs/a"));

        var copy = _serializer.Deserialize<RunCatalog>(_serializer.Serialize(catalog));

        Assert.Equal(catalog.Runs, copy.Runs);
        catalog.Record(catalog.Runs[0] with { Tags = ["first", "second"] });
        Assert.Equal(["first", "second"], Assert.Single(_serializer.Deserialize<RunCatalog>(_serializer.Serialize(catalog)).Runs).Tags);
    }

    [Fact]
    public void RoundTrip_OfARecordWithNumberedKeys_ChangesNothing()
    {
        var record = new RunRecord
        {
            Number = 7,
            SpecJson = "{}",
            SubmittedAt = DateTimeOffset.UnixEpoch,
            Phase = RunPhase.Recovering,
            Members = [new MemberRecord { Rank = 1, Silo = "a", Incarnation = Guid.NewGuid() }],
            CommittedSnapshot = new SnapshotRecord { Path = "/a", Step = 3 },
        };

        var copy = _serializer.Deserialize<RunRecord>(_serializer.Serialize(record));

        Assert.Equal(record.Members, copy.Members);
        Assert.Equal(record with { Members = [] }, copy with { Members = [] });
    }

    [Fact]
    public void RoundTrip_OfEvents_KeepsTheirKinds()
    {
        List<RunEvent> events = [Sample.Started(), Sample.Failed(badInput: true), new RunWaiting { Reason = "slots" }];

        var copy = _serializer.Deserialize<List<RunEvent>>(_serializer.Serialize(events));

        Assert.Equal(events.Select(RunEventJson.Serialize), copy.Select(RunEventJson.Serialize));
    }

    [Fact]
    public void Read_StateOfAnOlderOrNewerProgram_SkipsAndFillsIn()
    {
        var newer = _serializer.Serialize(new Newer { Known = "kept", Added = 5 });
        var older = _serializer.Serialize(new Older());

        Assert.Equal("kept", _serializer.Deserialize<Middle>(newer).Known);
        Assert.Equal("initial", _serializer.Deserialize<Middle>(older).Known);
    }

    [Fact]
    public void Read_CatalogOfAReleaseWithoutSweepIds_HasRunsOfTheirOwn()
    {
        var older = _serializer.Serialize(new OlderCatalog { Runs = [new OlderEntry("run-1", DateTimeOffset.UnixEpoch, RunPhase.Completed, "digits", "resnet8", 3, "/runs/a")] });

        var entry = Assert.Single(_serializer.Deserialize<RunCatalog>(older).Runs);

        Assert.Equal(new RunEntry("run-1", DateTimeOffset.UnixEpoch, RunPhase.Completed, "digits", "resnet8", 3, "/runs/a"), entry);
        Assert.False(entry.IsTrial());
    }

    [Fact]
    public void Written_FirstByte_IsTheVersion() => Assert.Equal(MessagePackStorageSerializer.Version, _serializer.Serialize(new Middle()).ToArray()[0]);

    [Theory]
    [InlineData(new byte[] { 2, 0x80 }, "has version 2, this program reads version 1")]
    [InlineData(new byte[] { }, "is empty")]
    [InlineData(new byte[] { 1, 0x93, 1 }, "cannot be read")]
    [InlineData(new byte[] { 1 }, "cannot be read")]
    public void Read_OtherBytes_SaysWhatIsWrong(byte[] bytes, string problem)
    {
        var exception = Assert.Throws<StoredStateException>(() => _serializer.Deserialize<Middle>(BinaryData.FromBytes(bytes)));

        Assert.Contains("the stored Middle", exception.Message, StringComparison.Ordinal);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    public sealed class OlderCatalog
    {
        public List<OlderEntry> Runs { get; set; } = [];
    }

    public sealed record OlderEntry(
        string RunId, DateTimeOffset SubmittedAt, RunPhase Phase, string Dataset, string Architecture, int Workers, string OutputDirectory);

    public sealed class Older;

    public sealed class Middle
    {
        public string Known { get; set; } = "initial";
    }

    public sealed class Newer
    {
        public string Known { get; set; } = "";

        public int Added { get; set; }
    }
}
