using System.Globalization;
using System.Reflection;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Runs;
using MessagePack;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>What is stored outlives releases: these keys and numbers are frozen. Append, never change.</summary>
public sealed class RunRecordTests
{
    // A record as the first release stores it; later ones must read it, and append. Key 6, the secret of streams, is not written any more.
    private const string StoredSample =
        "DC001109A27B7D92D6FF695735A5000802919500B15331302E302E302E313A3131313131403101A3637075D92431313131313131312D323232322D333333" +
        "332D343434342D353535353535353535353535C40301020394BB2F72756E732F612F737465702D32302E67322E30303030303030301402A2616294BB" +
        "2F72756E732F612F737465702D31302E67312E30303030303030300A01A26364030F02A66374726C2D63B57B226576656E74223A2263616E63656C6C" +
        "6564227DC3D92436363636363636362D373737372D383838382D393939392D61616161616161616161616128";

    [Theory]
    [InlineData(typeof(RunRecord),
        "0 Number Int64; 1 SpecJson String; 2 SubmittedAt DateTimeOffset; 3 Phase RunPhase; 4 Generation Int32; 5 Members IReadOnlyList`1; " +
        "7 CommittedSnapshot SnapshotRecord; 8 PreviousSnapshot SnapshotRecord; 9 RecoveryCount Int32; 10 RecoveryStep Int64; " +
        "11 RecoveriesAtStep Int32; 12 StopReason String; 13 FinalEventJson String; 14 Ended Boolean; 15 WriteId Guid; 16 TotalSteps Int64; 17 EpochsJson IReadOnlyList`1; " +
        "18 ConcludedGeneration Int32; 19 SiloLossesAtStep Int32; 20 Fingerprint String; 21 SweepId String; 22 Segment Int32; 23 StartedEventJson String; 24 Tags IReadOnlyList`1")]
    [InlineData(typeof(MemberRecord), "0 Rank Int32; 1 Silo String; 2 SlotIndex Int32; 3 Device String; 4 Incarnation Guid")]
    [InlineData(typeof(SnapshotRecord), "0 Path String; 1 Step Int64; 2 Generation Int32; 3 WeightsSha256 String")]
    public void Keys_OfEveryStoredType_AreThoseOfTheFirstRelease(Type type, string expected)
    {
        var keys = type.GetProperties()
            .Select(property => (Key: property.GetCustomAttribute<KeyAttribute>(), property.Name, Type: property.PropertyType.Name))
            .Where(entry => entry.Key is not null)
            .OrderBy(entry => entry.Key!.IntKey)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key!.IntKey} {entry.Name} {entry.Type}"));

        Assert.Equal(expected, string.Join("; ", keys));
    }

    [Fact]
    public void Phases_Numbers_AreThoseOfTheFirstRelease() => Assert.Equal(
        "0 Unknown, 1 Starting, 2 Training, 3 Stopping, 4 Completed, 5 Failed, 6 Cancelled, 7 Waiting, 8 Recovering",
        string.Join(", ", Enum.GetValues<RunPhase>().Order().Select(phase => $"{phase:D} {phase}")));

    [Fact]
    public void Serialize_EverythingSet_ComesBack()
    {
        var record = Sample();

        var restored = Deserialize(Serialize(record));

        Assert.Equal(record.Members, restored.Members);
        Assert.Equal(record.EpochsJson, restored.EpochsJson);
        Assert.Equal(record.Tags, restored.Tags);
        Assert.Equal(record, restored with { Members = record.Members, EpochsJson = record.EpochsJson, Tags = record.Tags });
    }

    [Fact]
    public void Deserialize_OlderRecord_MissingKeysHaveTheirDefaults()
    {
        // the first seven keys alone, as a release before the others would have stored them
        var older = Serialize(new object?[] { 7L, "{}", DateTimeOffset.UnixEpoch, 1, 3, Array.Empty<object>(), Array.Empty<byte>() });

        var record = Deserialize(older);

        Assert.Equal((7, "{}", RunPhase.Starting, 3), (record.Number, record.SpecJson, record.Phase, record.Generation));
        Assert.Equal((null, "", null, false), (record.CommittedSnapshot, record.StopReason, record.FinalEventJson, record.Ended));
    }

    [Fact]
    public void Deserialize_NewerRecord_UnknownKeysAreIgnored()
    {
        var entries = MessagePackSerializer.Deserialize<object?[]>(Serialize(Sample()), cancellationToken: TestContext.Current.CancellationToken);

        var record = Deserialize(Serialize<object?[]>([.. entries, "from the future", 5]));

        Assert.Equal((9, 2, true), (record.Number, record.Generation, record.Ended));
    }

    [Fact]
    public void Deserialize_StoredBytes_AreReadAsTheyWereMeant()
    {
        var stored = StoredSample.Replace("C403010203", "C0", StringComparison.Ordinal);
        Assert.Equal($"DC0019{stored[6..]}900000A0C000C090", Convert.ToHexString(Serialize(Sample())));

        var record = Deserialize(Convert.FromHexString(StoredSample));

        Assert.Equal((9, 2, RunPhase.Recovering), (record.Number, record.Generation, record.Phase));
        Assert.Equal((null, 0, null), (record.SweepId, record.Segment, record.StartedEventJson));
        Assert.Empty(record.Tags);
    }

    private static byte[] Serialize<T>(T value) => MessagePackSerializer.Serialize(value, cancellationToken: TestContext.Current.CancellationToken);

    private static RunRecord Deserialize(byte[] bytes) =>
        MessagePackSerializer.Deserialize<RunRecord>(bytes, cancellationToken: TestContext.Current.CancellationToken);

    private static RunRecord Sample() => new()
    {
        Number = 9,
        SpecJson = "{}",
        SubmittedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Phase = RunPhase.Recovering,
        Generation = 2,
        Members = [new MemberRecord { Rank = 0, Silo = "S10.0.0.1:11111@1", SlotIndex = 1, Device = "cpu", Incarnation = new Guid("11111111-2222-3333-4444-555555555555") }],
        CommittedSnapshot = new SnapshotRecord { Path = "/runs/a/step-20.g2.00000000", Step = 20, Generation = 2, WeightsSha256 = "ab" },
        PreviousSnapshot = new SnapshotRecord { Path = "/runs/a/step-10.g1.00000000", Step = 10, Generation = 1, WeightsSha256 = "cd" },
        RecoveryCount = 3,
        RecoveryStep = 15,
        RecoveriesAtStep = 2,
        StopReason = "ctrl-c",
        FinalEventJson = """{"event":"cancelled"}""",
        Ended = true,
        WriteId = new Guid("66666666-7777-8888-9999-aaaaaaaaaaaa"),
        TotalSteps = 40,
    };
}
