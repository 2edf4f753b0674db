using Google.Protobuf;
using Lcnn.Distributed.Client.Recording.TensorBoard;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.UnitTests.Cli;
using Tensorboard;

namespace Lcnn.Distributed.UnitTests.Client.Recording;

public sealed class TensorBoardLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-tensorboard-").FullName;

    private string Log => Path.Combine(_folder, "run");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Record_ARun_IsReadBackByThePublishedMessages()
    {
        var time = new DateTimeOffset(2026, 11, 30, 12, 0, 0, 250, TimeSpan.Zero);
        await RecordAsync(
            Sample.Started() with { Time = time }, Sample.Step(1) with { Time = time.AddSeconds(1) }, Sample.Step(2) with { Time = time.AddSeconds(2), Loss = double.PositiveInfinity },
            Sample.Epoch(1) with { Time = time.AddSeconds(3) }, Sample.Completed() with { Time = time.AddSeconds(4) });

        var events = EventFileReader.ReadFolder(Log);

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        var scalars = EventFileReader.Scalars(events);
        Assert.Equal(2.25f, scalars[("train/loss", 1)]);
        Assert.Equal(float.PositiveInfinity, scalars[("train/loss", 2)]);
        Assert.Equal(33.5f, scalars[("train/betaTerm", 1)]);
        Assert.Equal(0.8125f, scalars[("test/accuracy", 23)]);
        Assert.Equal(4.75f, scalars[("network/betaMaximum", 23)]);
        Assert.Equal(4.75f, scalars[("final/curvature", 46)]);
        Assert.DoesNotContain(scalars.Keys, key => key.Tag is "train/gradientNorm" or "final/gradNorm" or "test/emaLoss"); // the run has none
        Assert.Equal(1796040001.25, events.Single(one => one.Step == 1).WallTime);
        Assert.DoesNotContain(events, one => one.SessionLog is not null);
    }

    [Fact]
    public async Task Record_ARun_HasItsSpecAsHyperparameters()
    {
        await RecordAsync(Sample.Started(), Sample.Step(1), Sample.Failed(badInput: false));

        var markers = EventFileReader.ReadFolder(Log).Where(one => one.Summary is not null).SelectMany(one => one.Summary.Value).Where(value => value.Metadata is not null).ToList();

        Assert.Equal(["_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info"], markers.Select(value => value.Tag));
        Assert.All(markers, value => Assert.Equal("hparams", value.Metadata.PluginData.PluginName));
        // plugin_data.proto: 2 experiment, 3 session_start_info, 4 session_end_info; of the second, 1 is a map of values.
        var parameters = Fields(Fields(markers[1].Metadata.PluginData.Content)[3][0])[1].Select(pair => Fields(pair)).ToDictionary(
            pair => pair[1][0].ToStringUtf8(), pair => Google.Protobuf.WellKnownTypes.Value.Parser.ParseFrom(pair[2][0]));
        Assert.Equal(2, parameters["epochs"].NumberValue);
        Assert.Equal("digits", parameters["dataset"].StringValue);
        Assert.Equal(Google.Protobuf.WellKnownTypes.Value.KindOneofCase.BoolValue, parameters["nesterov"].KindCase);
        var infos = Fields(Fields(markers[0].Metadata.PluginData.Content)[2][0]);
        Assert.Equal(parameters.Keys.Order(), infos[4].Select(info => Fields(info)[1][0].ToStringUtf8()).Order());
        Assert.Contains("test/accuracy", infos[5].Select(metric => Fields(Fields(metric)[1][0])[2][0].ToStringUtf8()));
        const int failure = 2;
        var end = new CodedInputStream(Fields(markers[2].Metadata.PluginData.Content)[4][0].ToByteArray());
        Assert.Equal(WireFormat.MakeTag(1, WireFormat.WireType.Varint), end.ReadTag());
        Assert.Equal(failure, end.ReadEnum());
    }

    [Fact]
    public async Task Record_ARunThatWentBack_TellsReadersToForgetWhatCameAfter()
    {
        await RecordAsync(Sample.Started() with { ResumedAtStep = 23 }, Sample.Step(24));

        var session = Assert.Single(EventFileReader.ReadFolder(Log), one => one.SessionLog is not null);

        Assert.Equal(SessionLog.Types.SessionStatus.Start, session.SessionLog.Status);
        Assert.Equal(24, session.Step);
    }

    [Fact]
    public async Task Record_WhileTheRunGoesOn_IsSeenByReaders()
    {
        await using var log = new TensorBoardLog(Log);

        log.Record(Sample.Started());
        log.Record(Sample.Step(1));
        log.Record(Sample.Epoch(1));

        Assert.Contains(("test/accuracy", 23), EventFileReader.Scalars(EventFileReader.ReadFolder(Log)).Keys);
    }

    [Fact]
    public async Task Record_TheFolderIsGone_SaysSoOnceAndHoldsNothingUp()
    {
        var warnings = new List<string>();
        await using (var log = new TensorBoardLog(Log, warnings.Add))
        {
            Directory.Delete(Log);
            await File.WriteAllTextAsync(Log, "in the way", TestContext.Current.CancellationToken);
            log.Record(Sample.Started());
            log.Record(Sample.Step(1));
            log.Record(Sample.Completed());
        }

        Assert.StartsWith($"nothing more is written for TensorBoard to '{Log}': ", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_NothingButAnEndBeforeTraining_LeavesNoFile()
    {
        await RecordAsync(Sample.Waiting(), Sample.Failed(badInput: true));

        Assert.Empty(Directory.GetFiles(Log));
    }

    private async Task RecordAsync(params RunEvent[] events)
    {
        await using var log = new TensorBoardLog(Log);
        foreach (var one in events)
        {
            log.Record(one);
        }
    }

    // Fields of a message that are messages, texts or bytes, by number.
    private static Dictionary<int, List<ByteString>> Fields(ByteString message)
    {
        var (fields, input) = (new Dictionary<int, List<ByteString>>(), new CodedInputStream(message.ToByteArray()));
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
            }
            else if (fields.TryGetValue(WireFormat.GetTagFieldNumber(tag), out var values))
            {
                values.Add(input.ReadBytes());
            }
            else
            {
                fields.Add(WireFormat.GetTagFieldNumber(tag), [input.ReadBytes()]);
            }
        }

        return fields;
    }
}
