using System.Text.Json;
using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli.Export;

public sealed class SweepJsonTests
{
    [Fact]
    public void Serialize_FinishedSweep_HasTheShapeOfItsLastEvent()
    {
        using var json = JsonDocument.Parse(SweepJson.Serialize(SampleSweep.Export(24)));

        var root = json.RootElement;
        Assert.Equal("sweepCompleted", root.GetProperty("event").GetString());
        Assert.Equal("sweep-1", root.GetProperty("sweepId").GetString());
        Assert.Equal(420, root.GetProperty("seconds").GetDouble());
        var trials = root.GetProperty("trials").EnumerateArray().ToArray();
        Assert.Equal(24, trials.Length);
        Assert.All(["number", "parameters", "state", "epochs", "metrics", "weightsSha256", "error"], name => Assert.True(trials[0].TryGetProperty(name, out _), name));
        Assert.Equal(("failed", SampleSweep.HostileText), (trials[^1].GetProperty("state").GetString(), trials[^1].GetProperty("error").GetString()));
        var best = root.GetProperty("best").GetProperty("number").GetInt32();
        Assert.Contains(best, root.GetProperty("paretoFront").EnumerateArray().Select(number => number.GetInt32()));
        Assert.Equal(trials.Sum(trial => trial.GetProperty("epochs").GetInt64()), root.GetProperty("epochs").GetInt64());
    }

    [Fact]
    public void Serialize_StoppedSweep_SaysWhyItWasStopped()
    {
        var export = SampleSweep.Export(3);

        using var json = JsonDocument.Parse(SweepJson.Serialize(export with { Status = export.Status with { StopReason = "the sweep's 3 epochs are spent" } }));

        Assert.Equal("the sweep's 3 epochs are spent", json.RootElement.GetProperty("stopReason").GetString());
    }

    [Fact]
    public void Serialize_NothingDone_HasNoBest()
    {
        var result = Assert.IsType<SweepCompleted>(SweepEventJson.Deserialize(SweepJson.Serialize(SampleSweep.Export(0))));

        Assert.Null(result.Best);
        Assert.Empty(result.Trials);
    }
}
