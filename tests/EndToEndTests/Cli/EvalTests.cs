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
}
