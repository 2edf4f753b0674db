using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Series;
using Lcnn.Distributed.Grains.Histories;
using Lcnn.Distributed.UnitTests.Client.Recording;

namespace Lcnn.Distributed.UnitTests.Cli.Export;

public sealed class RunExportTests : IDisposable
{
    private static readonly DateTimeOffset _start = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Csv_OfRuns_HasARowForEachStepEpochAndEnd()
    {
        MakeRun("a", steps: 2);
        MakeRun("b", steps: 1);

        Assert.Equal(0, await _cli.RunLineAsync("report a b --csv series.csv"));

        var lines = File.ReadAllLines(Path.Combine(_cli.Folder, "series.csv"));
        Assert.StartsWith("run,event,step,time,epoch/accuracy,", lines[0], StringComparison.Ordinal);
        Assert.Equal(["a,epoch,23", "a,completed,46", "a,step,1", "a,step,2", "b,epoch,23", "b,completed,46", "b,step,1"], lines.Skip(1).Select(line => string.Join(',', line.Split(',').Take(3))));
        var loss = lines[0].Split(',').ToList().IndexOf("train/loss");
        Assert.Equal(("2026-11-30T12:00:01.000+00:00", "2.25"), (lines[3].Split(',')[3], lines[3].Split(',')[loss]));
        Assert.Equal("", lines[1].Split(',')[loss]);
        Assert.False(File.Exists(Path.Combine(_cli.Folder, "report.html"))); // was not asked for
    }

    [Fact]
    public async Task TensorBoard_OfRuns_HasAFolderForEach()
    {
        MakeRun("a", steps: 1200); // more than a block
        MakeRun("b", steps: 1);

        Assert.Equal(0, await _cli.RunLineAsync("report a b --tensorboard tb"));

        var scalars = EventFileReader.Scalars(EventFileReader.ReadFolder(Path.Combine(_cli.Folder, "tb", "a")));
        Assert.Equal(1200, scalars.Keys.Count(key => key.Tag == "train/loss"));
        Assert.Equal(0.8125f, scalars[("test/accuracy", 23)]);
        Assert.Single(EventFileReader.Scalars(EventFileReader.ReadFolder(Path.Combine(_cli.Folder, "tb", "b"))).Keys, key => key.Tag == "train/loss");
    }

    [Theory]
    [InlineData("--csv series.csv")]
    [InlineData("--tensorboard tb")]
    public async Task Export_AFolderWithoutSteps_IsNamed(string option)
    {
        var folder = _cli.FolderWithFile("empty");

        Assert.Equal(2, await _cli.RunLineAsync($"report empty {option}"));

        Assert.Contains($"'{folder}' holds no series.lcns", _cli.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_cli.Folder, "series.csv")));
    }

    [Fact]
    public async Task Train_ForTensorBoard_WritesWhatItShows()
    {
        _cli.Host.Events = [Sample.Started(1), Sample.Step(1, 2), Sample.Epoch(1, 3), Sample.Completed(4)];

        Assert.Equal(0, await _cli.RunLineAsync("train --tensorboard tb/run"));

        var scalars = EventFileReader.Scalars(EventFileReader.ReadFolder(Path.Combine(_cli.Folder, "tb", "run")));
        Assert.Equal(2.25f, scalars[("train/loss", 1)]);
        Assert.Equal(0.8125f, scalars[("test/accuracy", 23)]);
    }

    [Fact]
    public async Task Train_ForAnMlflowServer_IsRecordedThere()
    {
        await using var server = new MlflowStub();
        _cli.Variables["MLFLOW_EXPERIMENT_NAME"] = "digits";
        _cli.Host.Events = [Sample.Started(1), Sample.Step(1, 2), Sample.Epoch(1, 3), Sample.Completed(4)];

        Assert.Equal(0, await _cli.RunAsync("train", "--mlflow", server.Address.AbsoluteUri));

        var run = Assert.Single(server.Runs.Values);
        Assert.Equal("FINISHED", run.Status);
        Assert.Contains(run.Metrics, metric => metric is { Key: "test/accuracy", Step: 23 });
    }

    [Fact]
    public async Task Watch_ForTensorBoard_WritesTheRunFromItsBeginning()
    {
        _cli.Host.Events = [Sample.Started(1), Sample.Step(1, 2), Sample.Completed(3)];

        Assert.Equal(0, await _cli.RunLineAsync("watch run-1 --tensorboard tb"));

        Assert.Equal(2.25f, EventFileReader.Scalars(EventFileReader.ReadFolder(Path.Combine(_cli.Folder, "tb")))[("train/loss", 1)]);
    }

    private void MakeRun(string name, int steps)
    {
        var file = new SeriesFile(Path.Combine(Directory.CreateDirectory(Path.Combine(_cli.Folder, name)).FullName, SnapshotFiles.Series));
        var builder = new SeriesBlockBuilder("run-1", 0);
        builder.Add(Sample.Started(1) with { Time = _start });
        for (var step = 1; step <= steps; step++)
        {
            if (builder.IsFull)
            {
                file.Append(builder.Build());
                builder = new SeriesBlockBuilder("run-1", step - 1);
            }

            builder.Add(Sample.Step(step, step + 1) with { Time = _start.AddSeconds(step) });
        }

        builder.Add(Sample.Epoch(1, steps + 2) with { Time = _start.AddHours(1) });
        builder.Add(Sample.Completed(steps + 3) with { Time = _start.AddHours(2) });
        file.Append(builder.Build());
    }
}
