using System.Diagnostics;
using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>Silos that die, hang, leave and come: each run ends with the bits of an undisturbed one.</summary>
public sealed class RecoveryTests
{
    // From SIGTERM to the exit: what an orchestrator is told to wait.
    private static readonly TimeSpan _handoverTime = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kill9_OfACoordinatorsOrAWorkersSilo_ChangesNothingButTheTime(bool coordinators)
    {
        await using var run = await DisturbedRun.StartAsync(Training.AuthorsObjective, silos: 2);
        await run.WaitForStepAsync(30);
        var (coordinator, other) = run.Roles();

        (coordinators ? coordinator : other).Kill9();

        var change = (await run.AssertUndisturbedResultAsync())[0];
        Assert.Equal(2, change.Whole("generation"));
        Assert.True(change.Whole("fromStep") >= 20 && change.Whole("replayedSteps") > 0, $"{change}");
        Assert.Equal(2, change.GetProperty("ranks").GetArrayLength());
    }

    /// <summary>What takes steps, and what it keeps, is tried in one process: OptimizerTests.</summary>
    [Theory]
    [InlineData("--nesterov")]
    [InlineData("--optimizer", "adamw", "--lr", "0.01")]
    public async Task Kill9_UnderAnyOptimizerWithClippingAndAverage_ChangesNothingButTheTime(params string[] optimizer)
    {
        TestTier.SkipUnlessLong();
        var training = Training.ClippedAndAveraged(optimizer);
        await using var run = await DisturbedRun.StartAsync(training, silos: 2);
        await run.WaitForStepAsync(30);

        run.Roles().Other.Kill9();

        var change = (await run.AssertUndisturbedResultAsync())[0];
        Assert.True(change.Whole("fromStep") >= 20 && change.Whole("replayedSteps") > 0, $"{change}");
        var (expected, completed) = (await training.CompletedAsync(), run.Train.Events[^1]);
        Assert.Equal(expected.Text("emaWeightsSha256"), completed.Text("emaWeightsSha256"));
        Assert.Equal(expected.Number("emaTestLoss"), completed.Number("emaTestLoss"));
    }

    /// <summary>The passes of each are tried in one process: MethodTests.</summary>
    [Theory]
    [InlineData("cure")]
    [InlineData("adversarial")]
    public async Task Kill9_UnderAMethodWithFurtherPasses_ChangesNothingButTheTime(string method)
    {
        TestTier.SkipUnlessLong();
        await using var run = await DisturbedRun.StartAsync(new Training(epochs: 6, samples: 1437, snapshotEvery: 20, "--method", method), silos: 2);
        await run.WaitForStepAsync(30);

        run.Roles().Other.Kill9();

        var change = (await run.AssertUndisturbedResultAsync())[0];
        Assert.True(change.Whole("fromStep") >= 20 && change.Whole("replayedSteps") > 0, $"{change}");
    }

    [Fact]
    public async Task Kill9_OfEverySilo_TheRunGoesOnByItself()
    {
        await using var run = await DisturbedRun.StartAsync(silos: 2);
        await run.WaitForStepAsync(30);

        foreach (var silo in run.Silos)
        {
            silo.Kill9();
        }

        await run.AddSiloAsync();
        await run.AddSiloAsync();

        Assert.NotEmpty(await run.AssertUndisturbedResultAsync());
    }

    [Fact]
    public async Task Kill9_OfEverySiloOfADetachedRun_ItCompletesByItself()
    {
        await using var run = await DisturbedRun.StartAsync(silos: 2, workers: 0);
        var id = await run.LaunchDetachedAsync();
        await using (var watch = run.Watch(id))
        {
            await watch.WaitForEventAsync(line => line.Kind == "step" && line.Whole("step") >= 30);
        } // killed: from here on nobody asks for the run

        foreach (var silo in run.Silos)
        {
            silo.Kill9();
        }

        using var report = new FileAppearance(run.OutputFolder, "report.json");
        await run.AddSiloAsync();
        await run.AddSiloAsync();
        await report.WaitAsync();

        await using var afterwards = run.Watch(id);
        Assert.NotEmpty(await run.AssertUndisturbedResultAsync(afterwards));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Terminate_OfASilo_HandsOverInTimeWithoutLosingAStep(bool coordinators)
    {
        await using var run = await DisturbedRun.StartAsync(silos: 2);
        await run.WaitForStepAsync(30);
        var (coordinator, other) = run.Roles();
        var leaving = coordinators ? coordinator : other;
        var start = Stopwatch.GetTimestamp();

        leaving.Terminate();

        Assert.True(await leaving.WaitForExitAsync() == 0, $"{leaving.Process}");
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, _handoverTime);
        var change = (await run.AssertUndisturbedResultAsync())[0];
        Assert.Contains($"silo {leaving.Silo} leaves", change.Text("reason"), StringComparison.Ordinal);
        Assert.Equal(0, change.Whole("replayedSteps"));
    }

    [Fact]
    public async Task Join_OfASilo_IsTakenUpAtTheNextSnapshot()
    {
        using var folder = new TemporaryFolder();
        await using var run = await DisturbedRun.StartAsync(silos: 2, fault: $"hold 2 0 81 {folder["joined"]}");
        await run.WaitForStepAsync(30);
        var (_, other) = run.Roles();
        other.Kill9();
        await run.Train.WaitForEventAsync("generation");

        await run.AddSiloAsync();
        await File.WriteAllTextAsync(folder["joined"], "", TestContext.Current.CancellationToken);

        var changes = await run.AssertUndisturbedResultAsync();
        Assert.Contains(changes, change => change.GetProperty("ranks").GetArrayLength() == DisturbedRun.Workers && change.Whole("replayedSteps") == 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_OfASiloBeyondItsTime_ItsLateWordsChangeNothing(bool coordinators)
    {
        await using var run = await DisturbedRun.StartAsync(silos: 2);
        await run.WaitForStepAsync(30);
        var (coordinator, other) = run.Roles();
        var stopped = coordinators ? coordinator : other;

        stopped.Stop();
        await run.Train.WaitForEventAsync("generation");
        stopped.Continue();

        Assert.True(await stopped.WaitForExitAsync() == 1, $"{stopped.Process}");
        await run.AssertUndisturbedResultAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_OfASiloPastTheStallTimeout_ItsLateWordsChangeNothing(bool coordinators)
    {
        await using var run = await DisturbedRun.StartAsync(silos: 2, siloArguments: ["--stall-timeout", "5"]);
        await run.WaitForStepAsync(30);
        var (coordinator, other) = run.Roles();
        var stopped = coordinators ? coordinator : other;

        stopped.Stop();
        var longest = run.Train.Events[^1].GetProperty("time").GetDateTimeOffset() + TimeSpan.FromSeconds(5);
        await run.Train.WaitForEventAsync(line => line.GetProperty("time").GetDateTimeOffset() > longest);
        stopped.Continue();

        Assert.True(await stopped.WaitForExitAsync() == 1, $"{stopped.Process}");
        await run.AssertUndisturbedResultAsync();
    }

    [Fact]
    public async Task Hang_OfAWorker_IsNamedAndTheWorkerReplaced()
    {
        await using var run = await DisturbedRun.StartAsync(silos: 2, workers: 3, fault: "hang 1 30", "--stall-timeout", "10");

        var change = Assert.Single(await run.AssertUndisturbedResultAsync());

        var hanging = run.Train.OfKind("started")[0].GetProperty("ranks").EnumerateArray().ElementAt(1).Text("silo");
        Assert.Equal($"rank 1 on {hanging} was lost at step 31 (compute): no progress for 10 s", change.Text("reason"));
        Assert.Equal(3, change.GetProperty("ranks").GetArrayLength());
    }

    [Fact]
    public async Task Redis_RestartedWithItsLog_NothingIsLost()
    {
        await using var run = await DisturbedRun.StartAsync(silos: 2);
        await run.WaitForStepAsync(30);

        await run.Redis.KillAsync();
        await run.Redis.StartAgainAsync();

        await run.AssertUndisturbedResultAsync();
    }

    [Fact]
    public async Task Redis_Emptied_TheRunIsResumedFromItsFolder()
    {
        await using var run = await DisturbedRun.StartAsync(silos: 1, workers: 2);
        var undisturbed = await DisturbedRun.UndisturbedAsync();
        await run.WaitForStepAsync(30);

        await run.Redis.FlushAsync();
        Assert.True(await run.Silos[0].WaitForExitAsync() == 1, $"{run.Silos[0].Process}");
        await run.AddSiloAsync();
        await using var resumed = run.Launch(workers: 2, run.OutputFolder, "--resume");

        var completed = await resumed.CompletedAsync();
        Assert.Equal(undisturbed, completed.Weights);
        Assert.True(resumed.OfKind("started")[0].Whole("resumedAtStep") >= 20);
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("grain")]
    [InlineData("auto")]
    public async Task Transports_BetweenThreeSilos_GiveTheSameWeights(string transport)
    {
        await using var run = await DisturbedRun.StartAsync(Training.AuthorsObjective, silos: 3, workers: 0);

        await using var train = run.Launch(workers: 3, $"{run.OutputFolder}-{transport}", "--transport", transport, "--bucket-mb", "0.02");

        var completed = await train.CompletedAsync();
        Assert.Equal(await Training.AuthorsObjective.WeightsAsync(), completed.Weights);
        var expected = transport == "auto" ? "stream" : transport;
        Assert.All(completed.GetProperty("ranks").EnumerateArray(), rank => Assert.True(BytesSent(rank, expected) > 0, $"{rank}"));
    }

    private static long BytesSent(JsonElement rank, string transport) =>
        rank.GetProperty("bytesSent").TryGetProperty(transport, out var bytes) ? bytes.GetInt64() : 0;
}
