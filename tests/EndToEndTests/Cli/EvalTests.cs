using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Cli;

public sealed class EvalTests(FinishedRun run)
{
    public static TheoryData<string> Places => ["run", "snapshot", "model"];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Eval_OfAFinishedRun_SaysWhatItsReportSays(string place)
    {
        var path = place switch
        {
            "run" => run.Folder,
            "snapshot" => run.Snapshots[^1],
            _ => Path.Combine(run.Snapshots[^1], "model.safetensors"),
        };

        await using var lcnn = await LcnnProcess.RunAsync("eval", path, "--json", "--curvature-samples", "64");

        Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
        var evaluation = Assert.Single(lcnn.Events);
        Assert.Equal("evaluation", evaluation.Kind);
        Assert.Equal(run.Completed.Weights, evaluation.Weights);
        Assert.All(["testAccuracy", "testLoss", "curvature", "hessianNorm", "gradNorm", "curvatureSamples"], name =>
            Assert.Equal(run.Completed.Number(name), evaluation.Number(name)));
    }

    [Fact]
    public async Task Eval_OfAnEarlierSnapshot_IsOfItsStep()
    {
        await using var lcnn = await LcnnProcess.RunAsync("eval", run.Snapshots[^2], "--json", "--curvature-samples", "0");

        var evaluation = Assert.Single(lcnn.Events);
        Assert.Equal(FinishedRun.Steps - FinishedRun.StepsPerEpoch, evaluation.Whole("step"));
        Assert.NotEqual(run.Completed.Weights, evaluation.Weights);
    }

    [Fact]
    public async Task Eval_EveryMeasureOnOneAndOnThreeThreads_IsTheSameToTheByte()
    {
        using var folder = new TemporaryFolder();

        async Task<(string Line, string Csv)> MeasureAsync(string threads)
        {
            var csv = folder[$"{threads}.csv"];
            await using var lcnn = await LcnnProcess.RunAsync(
                "eval", run.Folder, "--json", "--curvature", "--curvature-samples", "30", "--robustness", "--noise", "0.1", "--certify", "--attacks", "fgsm,autoattack",
                "--eps", "0.2,0.5", "--attack-steps", "1", "--samples", "40", "--attack-samples", "30", "--seed", "3", "--test-limit", "100", "--csv", csv, "--threads", threads);
            Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
            return (Assert.Single(lcnn.Output), await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken));
        }

        var (one, three) = (await MeasureAsync("1"), await MeasureAsync("3"));

        Assert.Equal(one, three);
        Assert.Equal(1 + 30 + 40 + (2 * 40) + (2 * 2 * 30), one.Csv.Count(letter => letter == '\n'));
        var report = JsonDocument.Parse(one.Line).RootElement;
        var attacks = report.GetProperty("attacks");
        Assert.Equal(("l2", 30, 3, 1, true), (attacks.GetProperty("norm").GetString(), attacks.Whole("samples"), attacks.Whole("seed"), attacks.Whole("steps"), attacks.GetProperty("isClipped").GetBoolean()));
        Assert.Equal(["fgsm", "autoattack"], attacks.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("attack").GetString()));
        var ensemble = attacks.GetProperty("results")[1].GetProperty("at");
        Assert.True(ensemble[0].Number("robustAccuracy") > ensemble[1].Number("robustAccuracy"), one.Line);
        Assert.Equal(["apgd-ce", "apgd-t", "fab-t", "square"], ensemble[0].GetProperty("after").EnumerateArray().Select(after => after.GetProperty("attack").GetString()));
        Assert.True(report.GetProperty("certificate").Number("lossHessian") > report.Number("hessianNorm"), one.Line);
        Assert.Equal(40, report.GetProperty("noise").Whole("samples"));
        Assert.Empty(report.GetProperty("violations").EnumerateArray());
    }

    [Fact]
    public async Task Eval_OnWorkersOrOfABareCopy_IsTheSameToTheByte()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(run.Folder, "model.safetensors"), folder["copy.safetensors"]);

        async Task<string> MeasureAsync(string model, params string[] options)
        {
            await using var lcnn = await LcnnProcess.RunAsync([
                "eval", model, "--json", "--curvature", "--curvature-samples", "30", "--robustness", "--noise", "0.1", "--certify", "--attacks", "pgd,fgsm",
                "--eps", "0.2", "--attack-steps", "2", "--samples", "30", "--test-limit", "100", .. options]);
            Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
            return Assert.Single(lcnn.Output);
        }

        var alone = await MeasureAsync(run.Folder, "--threads", "2");

        Assert.Equal(alone, await MeasureAsync(run.Folder, "--workers", "3"));
        Assert.Equal(alone.Replace(run.Snapshots[^1], folder["copy.safetensors"], StringComparison.Ordinal), await MeasureAsync(folder["copy.safetensors"], "--workers", "2"));
    }

    [Fact]
    public async Task Eval_InterruptedWithinAnAttack_EndsAtOnceAndWritesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var lcnn = LcnnProcess.Start("eval", run.Folder, "--attacks", "--attack-steps", "100000", "--eps", "0.01", "--csv", folder["e.csv"], "--json");
        await lcnn.WaitForErrorAsync(line => line.StartsWith("attacks on", StringComparison.Ordinal));

        lcnn.SendInterrupt();

        Assert.Equal(130, await lcnn.WaitForExitAsync());
        Assert.Empty(lcnn.Output);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
