using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Runs;

public sealed class DefaultRunTests
{
    private static readonly string[] _reported =
    [
        "testAccuracy", "testLoss", "curvature", "hessianNorm", "gradNorm", "curvatureSamples", "lossTerms", "weightsSha256",
        "samplesPerSecond", "steps", "epochs", "workers", "shards", "seed", "ranks",
    ];

    [Fact]
    public async Task Train_WithoutArguments_LearnsDigitsAndReportsAllOfTheContract()
    {
        using var folder = new TemporaryFolder();

        await using var lcnn = await LcnnProcess.RunAsync("train", "--json", "--out", folder["run"]);

        var completed = await lcnn.CompletedAsync();
        Assert.True(completed.Number("testAccuracy") >= 0.95, $"{completed}");
        Assert.Equal(("digits", "resnet8-lcnn", 2), Subject(lcnn.Events[0]));
        Assert.DoesNotContain(lcnn.Error, line => line.Contains("Warning", StringComparison.Ordinal)); // libtorch's own
        CheckFirstEpoch(lcnn.OfKind("epoch")[0]);
        CheckOrder(lcnn.Events);
        CheckReport(completed, folder["run"]);
        var model = Path.Combine(folder["run"], "model.safetensors");
        Assert.Equal(WeightsFile.Sha256(model), completed.Weights);
        CheckMetadata(WeightsFile.Metadata(model), completed);
    }

    // Statistics that lag behind the weights look like a network that has learned nothing.
    private static void CheckFirstEpoch(JsonElement epoch) =>
        Assert.True(epoch.Number("testAccuracy") >= epoch.Number("trainAccuracy") - 0.1, $"{epoch}");

    [Fact]
    public async Task Train_WithoutJson_TellsProgressInPlainLines()
    {
        using var folder = new TemporaryFolder();

        await using var lcnn = await LcnnProcess.RunAsync(
            "train", "--out", folder["run"], "--epochs", "1", "--train-limit", "128", "--curvature-samples", "0");

        Assert.Equal(0, await lcnn.WaitForExitAsync());
        Assert.Contains(lcnn.Output, line => line.StartsWith("epoch 1/1", StringComparison.Ordinal));
        Assert.Contains(lcnn.Output, line => line.Contains("test accuracy", StringComparison.Ordinal));
        Assert.DoesNotContain(lcnn.Output, line => line.Contains('\e', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Train_WithoutOut_WritesToAFreshFolderUnderRuns()
    {
        using var folder = new TemporaryFolder();

        await using var lcnn = LcnnProcess.Start(
            folder.Path, ["train", "--json", "--epochs", "1", "--train-limit", "128", "--curvature-samples", "0"]);

        var completed = await lcnn.CompletedAsync();
        var run = Assert.Single(Directory.GetDirectories(folder["runs"]));
        Assert.Equal(Path.Combine(run, "model.safetensors"), completed.Text("modelPath"));
        Assert.True(File.Exists(Path.Combine(run, "report.json")));
    }

    private static (string, string, int) Subject(JsonElement started)
    {
        var spec = started.GetProperty("spec");
        return (spec.Text("dataset"), spec.Text("architecture"), (int)spec.Whole("workers"));
    }

    // started, all steps with each epoch and its snapshot behind its last step, curvature, completed
    private static void CheckOrder(IReadOnlyList<JsonElement> events)
    {
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(line => line.Whole("sequence")));
        Assert.All(events, line => Assert.Equal(1, line.Whole("schema")));
        Assert.Single(events.Select(line => line.Text("runId")).Distinct());
        Assert.Equal("started", events[0].Kind);
        Assert.Single(events, line => line.Kind is "started");
        Assert.Single(events, line => line.Kind is "completed" or "failed" or "cancelled");
        var (total, perEpoch) = (events[0].Whole("totalSteps"), events[0].Whole("stepsPerEpoch"));
        Assert.Equal(Numbers(total), Of("step").Select(line => line.Whole("step")));
        Assert.Equal(Numbers(total / perEpoch), Of("epoch").Select(line => line.Whole("epoch")));
        Assert.Equal(Numbers(total / perEpoch).Select(epoch => epoch * perEpoch), Of("snapshot").Select(line => line.Whole("step")));
        Assert.All(Of("epoch").Concat(Of("snapshot")), line =>
            Assert.True(line.Whole("sequence") > Of("step").Single(step => step.Whole("step") == line.Whole("step")).Whole("sequence")));

        IEnumerable<JsonElement> Of(string kind) => events.Where(line => line.Kind == kind);

        static IEnumerable<long> Numbers(long count) => Enumerable.Range(1, (int)count).Select(number => (long)number);
    }

    private static void CheckMetadata(IReadOnlyDictionary<string, string> metadata, JsonElement completed)
    {
        Assert.Equal(("pt", "resnet8-lcnn"), (metadata["format"], metadata["architecture"]));
        Assert.Equal($"{completed.Whole("steps")}", metadata["step"]);
        using var spec = JsonDocument.Parse(metadata["spec"]);
        Assert.Equal("digits", spec.RootElement.Text("dataset"));
    }

    private static void CheckReport(JsonElement completed, string folder)
    {
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "report.json")));
        Assert.All(_reported, name => Assert.True(
            JsonElement.DeepEquals(completed.GetProperty(name), report.RootElement.GetProperty(name)), name));
        Assert.All(completed.GetProperty("ranks").EnumerateArray(), rank =>
        {
            Assert.True(rank.Whole("samples") > 0 && rank.Number("computeSeconds") > 0);
            Assert.True(rank.GetProperty("bytesSent").Whole("memory") > 0);
        });
        Assert.Equal(360, completed.Whole("curvatureSamples"));
        Assert.True(completed.Number("curvature") > 0 && completed.Number("hessianNorm") > 0 && completed.Number("gradNorm") > 0);
    }
}
