using System.Text.Json;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.Silo.Storage;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class SweepResumeTests : IDisposable
{
    private const string Text = "base: {dataset: digits, arch: resnet8-lcnn, workers: 1, epochs: 3}\nparameters: {lr: {values: [0.1, 0.2]}}\nmaxConcurrent: 2\n";

    private readonly CliHarness _cli = new();

    public SweepResumeTests()
    {
        Write(Text);
        _cli.Host.Sweep.Events = [SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.8)) with { Sequence = 1 }];
    }

    private string Folder => Path.Combine(_cli.Folder, "a");

    private string Page => Path.Combine(Folder, "report.html");

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("--resume")]
    [InlineData("--resume auto")]
    public async Task Start_FolderWithTheSweep_GoesOnWithIt(string option)
    {
        await StoreAsync();

        Assert.Equal(0, await _cli.RunLineAsync($"sweep start sweep.yaml --out a {option}"));

        Assert.Equal(["resume"], _cli.Host.Sweep.Orders);
        Assert.Equal(SampleSweep.Spec, _cli.Host.Sweep.Spec); // none was started
        Assert.Contains("charts         " + Page, _cli.OutputLines);
        Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("lost+found")]
    [InlineData(SweepRecords.FolderName)]
    public async Task Start_AutoWhereNothingIs_StartsIt(string? entry)
    {
        if (entry is not null)
        {
            Directory.CreateDirectory(Path.Combine(Folder, entry));
        }

        Assert.Equal(0, await _cli.RunLineAsync("sweep start sweep.yaml --out a --resume auto"));

        Assert.Equal(Folder, _cli.Host.Sweep.Spec.OutputDirectory);
        Assert.Empty(_cli.Host.Sweep.Orders);
    }

    [Theory]
    [InlineData("--out a --resume", "holds no sweep to go on with")]
    [InlineData("--resume auto", "needs --out")]
    [InlineData("--out a --resume somewhere", "got 'somewhere'")]
    [InlineData("--out a --resume auto --cluster localhost", "on a cluster goes on by itself")]
    [InlineData("--out notes --resume auto", "is not empty")]
    public async Task Start_NothingToGoOnWith_IsRefused(string line, string reason)
    {
        _cli.FolderWithFile("notes");

        Assert.Equal(2, await _cli.RunLineAsync($"sweep start sweep.yaml {line}"));

        Assert.Contains(reason, _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Place);
    }

    [Fact]
    public async Task Start_FileSaysSomethingElse_NamesEveryDifference()
    {
        await StoreAsync();
        Write(Text.Replace("epochs: 3", "epochs: 4", StringComparison.Ordinal).Replace("maxConcurrent: 2", "maxConcurrent: 1", StringComparison.Ordinal));

        Assert.Equal(2, await _cli.RunLineAsync("sweep start sweep.yaml --out a --resume auto"));

        Assert.Contains("base.epochs was 3, now 4; maxConcurrent was 2, now 1.", _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Place);
    }

    [Fact]
    public async Task Start_WithoutResumeIntoTheSweepsFolder_SaysHowToGoOn()
    {
        await StoreAsync();

        Assert.Equal(2, await _cli.RunLineAsync("sweep start sweep.yaml --out a"));

        Assert.Contains("go on with the sweep in it with --resume", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_FolderOfASweepThatNothingRuns_SaysSo()
    {
        await StoreAsync();

        Assert.Equal(0, await _cli.RunLineAsync("sweep status a --json"));

        using var json = JsonDocument.Parse(Assert.Single(_cli.OutputLines));
        var status = json.RootElement.GetProperty("status");
        Assert.Equal(("sweep-1", "running"), (status.GetProperty("sweepId").GetString(), status.GetProperty("phase").GetString()));
        Assert.StartsWith("interrupted", status.GetProperty("stopReason").GetString(), StringComparison.Ordinal);
        Assert.Null(_cli.Host.Place);
    }

    [Fact]
    public async Task Status_FolderOfASweepThatAProcessRuns_IsReadAllTheSame()
    {
        await StoreAsync();
        using var taken = SweepRecords.Take(Folder);

        Assert.Equal(0, await _cli.RunLineAsync("sweep status a --json"));

        Assert.DoesNotContain("interrupted", _cli.Output, StringComparison.Ordinal);
        Assert.Contains("under way in another process", Assert.Throws<IOException>(() => SweepRecords.Take(Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_FolderOfASweep_WritesItsTrials()
    {
        await StoreAsync();

        Assert.Equal(0, await _cli.RunLineAsync("sweep export a --format csv"));

        Assert.Equal(2, _cli.OutputLines.Count);
        Assert.Null(_cli.Host.Place);
    }

    [Fact]
    public async Task Start_PageThatCannotBeWritten_EndsTheSweepAllTheSame()
    {
        await StoreAsync();
        Directory.CreateDirectory(Page);

        Assert.Equal(0, await _cli.RunLineAsync("sweep start sweep.yaml --out a --resume"));

        Assert.Contains("there is no report.html: cannot write", _cli.Error, StringComparison.Ordinal);
        Assert.Contains(_cli.OutputLines, line => line.StartsWith("best trial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Report_FolderOfASweep_DrawsIt()
    {
        await StoreAsync();

        Assert.Equal(0, await _cli.RunLineAsync("report a --json"));

        Assert.Contains("<h2>Optimisation history</h2>", await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Assert.Single(_cli.OutputLines));
        Assert.Equal(("reported", Page), (json.RootElement.GetProperty("event").GetString(), json.RootElement.GetProperty("path").GetString()));
        Assert.Null(_cli.Host.Place);
    }

    [Theory]
    [InlineData("a notes", "a' is the folder of a sweep: it is drawn alone; give its trials, such as")]
    [InlineData("a --csv steps.csv", "a' is the folder of a sweep: steps are those of runs; give its trials")]
    [InlineData("compared", "compared' is the folder of a comparison")]
    [InlineData("marked", "marked' is of sweep sweep-9, which ran on silos")]
    public async Task Report_FolderOfASweepThatCannotBeDrawn_IsRefused(string line, string reason)
    {
        await StoreAsync();
        _cli.FolderWithFile("notes");
        await StoreAsync(Path.Combine(_cli.Folder, "compared"));
        await File.WriteAllTextAsync(Path.Combine(_cli.Folder, "compared", "compare.json"), "{}", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_cli.FolderWithFile("marked"), "sweep.id"), "sweep-9\n", TestContext.Current.CancellationToken);

        Assert.Equal(2, await _cli.RunLineAsync($"report {line}"));

        Assert.Contains(reason, _cli.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_cli.Folder, "report.html", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("./nowhere", "does not exist")]
    [InlineData("./notes", "holds no record of a sweep")]
    public async Task Status_FolderWithoutASweep_IsRefused(string folder, string reason)
    {
        _cli.FolderWithFile("notes");

        Assert.Equal(2, await _cli.RunLineAsync($"sweep status {folder}"));

        Assert.Contains(reason, _cli.Error, StringComparison.Ordinal);
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(_cli.Folder, "sweep.yaml"), text);

    private Task StoreAsync() => StoreAsync(Folder);

    private static async Task StoreAsync(string folder)
    {
        var spec = SweepFile.Parse(Text) with { OutputDirectory = folder };
        var trial = new TrialRecord { Entry = new TrialEntry { Number = 1, Draw = 1, State = TrialState.Running, RunId = "sweep-1-0001" }, Segment = 1 };
        var storage = new FolderGrainStorage(Path.Combine(folder, SweepRecords.FolderName), new MessagePackStorageSerializer());
        await storage.WriteStateAsync("sweep", GrainId.Create("sweep", "sweep-1"), new GrainState<SweepRecord>(new SweepRecord
        {
            SpecJson = JsonSerializer.Serialize(spec, RunEventJson.Options),
            Phase = SweepPhase.Running,
            TrialsJson = [JsonSerializer.Serialize(trial, RunEventJson.Options)],
        }));
    }
}
