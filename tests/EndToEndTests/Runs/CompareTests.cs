using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Runs;

/// <summary><c>lcnn compare</c> as it is run.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compare_KilledAndGoneOnWith_MakesEachTrialOnceAndTheTable()
    {
        string[] line =
        [
            "compare", "--dataset", "digits", "--train-limit", "256", "--test-limit", "64", "--epochs", "2", "--methods", "standard:2,lcnn,recipe", "--concurrent", "1",
            "--attacks", "pgd", "--attack-steps", "3", "--eps", "0.1,0.5", "--samples", "10", "--certify", "--robustness", "--curvature-samples", "25", "--out", _folder["compared"], "--json",
        ];
        await using (var first = LcnnProcess.Start(line))
        {
            await first.WaitForEventAsync(next => IsOf(next, "trialReported", 2));
            first.Kill();
            await first.WaitForExitAsync();
        }

        await using var second = await LcnnProcess.RunAsync([.. line, "--resume"]);

        Assert.True(await second.WaitForExitAsync() == 0, second.ToString());
        Assert.Single(second.Events, next => IsOf(next, "trialStarted", 1)); // the log from its beginning, the killed process' part included
        Assert.Equal(4, second.OfKind("trialCompleted").Count);
        var report = second.Events[^1];
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder["compared"], "compare.json"), TestContext.Current.CancellationToken));
        Assert.True(JsonElement.DeepEquals(file.RootElement, report));
        Assert.Equal(["standard", "lcnn", "recipe"], report.GetProperty("methods").EnumerateArray().Select(method => method.GetProperty("method").GetString()));
        var (standard, lcnn) = (report.GetProperty("methods")[0], report.GetProperty("methods")[1]);
        Assert.Equal([1729, 1730], standard.GetProperty("trials").EnumerateArray().Select(trial => trial.GetProperty("seed").GetInt64()));
        Assert.Equal((2, 1), (CountOf(standard, "curvature"), CountOf(standard, "robustAccuracy@0.5")));
        Assert.Equal((2, 1), (CountOf(standard, "certifiedAccuracy@0.1"), CountOf(lcnn, "robustAccuracy@0.1")));
        Assert.True(MeanOf(lcnn, "curvature") < MeanOf(standard, "curvature"));
        Assert.Equal(4, standard.GetProperty("trials")[0].GetProperty("gradientChange").GetArrayLength());

        var page = await File.ReadAllTextAsync(Path.Combine(_folder["compared"], "report.html"), TestContext.Current.CancellationToken);
        Assert.Contains("id=\"beta\"", page, StringComparison.Ordinal);
        Assert.Contains("alt=\"saliency map of recipe", page, StringComparison.Ordinal);

        await using var third = await LcnnProcess.RunAsync([.. line, "--resume"]); // nothing is left: the files are written anew
        Assert.True(JsonElement.DeepEquals(report, Assert.Single(third.Events)), third.ToString());
    }

    private static bool IsOf(JsonElement next, string kind, int number) =>
        next.GetProperty("event").GetString() == kind && next.GetProperty("number").GetInt32() == number;

    private static int CountOf(JsonElement method, string figure) => method.GetProperty("figures").GetProperty(figure).GetProperty("count").GetInt32();

    private static double MeanOf(JsonElement method, string figure) => method.GetProperty("figures").GetProperty(figure).GetProperty("mean").GetDouble();
}
