using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Cli;

/// <summary><c>lcnn eval FILE</c> is of the bytes of that file, or says why not.</summary>
public sealed class EvalFileTests(FinishedRun run)
{
    [Fact]
    public async Task Eval_KeptCopyBesideALaterModel_IsOfTheCopy()
    {
        using var folder = new TemporaryFolder();
        var copy = run.CopyTo(folder["run"]);
        var kept = Path.Combine(copy, "kept.safetensors");
        File.Copy(Path.Combine(run.Snapshots[^2], "model.safetensors"), kept);

        var evaluation = await EvaluateAsync(kept);

        Assert.Equal((kept, WeightsFile.Sha256(kept)), (evaluation.Text("snapshot"), evaluation.Weights));
        Assert.Equal(FinishedRun.Steps - FinishedRun.StepsPerEpoch, evaluation.Whole("step"));
        Assert.NotEqual(run.Completed.Weights, evaluation.Weights);
    }

    [Fact]
    public async Task Eval_ModelAlone_IsOfTheSpecThatItCarries()
    {
        using var folder = new TemporaryFolder();
        var alone = folder["alone.safetensors"];
        using var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Snapshots[^1], "state.json")));
        var spec = state.RootElement.GetProperty("run").GetProperty("spec").GetRawText();
        ModelCopy.Write(Path.Combine(run.Folder, "model.safetensors"), alone, ("format", "pt"), ("step", "69"), ("spec", spec));

        var evaluation = await EvaluateAsync(alone);

        Assert.Equal((alone, run.Completed.Weights, "resnet8-lcnn"), (evaluation.Text("snapshot"), evaluation.Weights, evaluation.Text("architecture")));
        Assert.Equal(run.Completed.Number("testAccuracy"), evaluation.Number("testAccuracy"));
    }

    [Fact]
    public async Task Eval_ModelThatSaysNothingOfItself_WantsToBeTold()
    {
        using var folder = new TemporaryFolder();
        var bare = folder["bare.safetensors"];
        ModelCopy.Write(Path.Combine(run.Folder, "model.safetensors"), bare);

        await using var refused = await LcnnProcess.RunAsync("eval", bare, "--json");
        var told = await EvaluateAsync(bare, "--arch", "resnet8-lcnn", "--dataset", "digits");

        Assert.Equal(2, await refused.WaitForExitAsync());
        Assert.All([bare, "--arch", "--dataset"], part => Assert.Contains(part, refused.Events[^1].Text("error"), StringComparison.Ordinal));
        Assert.Equal((run.Completed.Weights, JsonValueKind.Null), (told.Weights, told.GetProperty("step").ValueKind));
        Assert.Equal(run.Completed.Number("testAccuracy"), told.Number("testAccuracy"));
    }

    [Theory]
    [InlineData("zeros")]
    [InlineData("truncated")]
    [InlineData("changed")]
    [InlineData("optimizer.safetensors")]
    [InlineData("state.json")]
    public async Task Eval_FileThatIsNoWholeModel_IsRefusedByName(string damage)
    {
        using var folder = new TemporaryFolder();
        var snapshot = run.Snapshots[^1][(run.Folder.Length + 1)..];
        var copy = Path.Combine(run.CopyTo(folder["run"]), snapshot);
        var file = Path.Combine(copy, damage.Contains('.', StringComparison.Ordinal) ? damage : "model.safetensors");
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= damage == "changed" ? (byte)1 : (byte)0;
        var written = damage switch { "zeros" => new byte[100], "truncated" => bytes[..^7], _ => bytes };
        await File.WriteAllBytesAsync(file, written, TestContext.Current.CancellationToken);

        await using var refused = await LcnnProcess.RunAsync("eval", file, "--json");

        Assert.Equal(2, await refused.WaitForExitAsync());
        Assert.Contains(file, Assert.Single(refused.Events).Text("error"), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> EvaluateAsync(string path, params IReadOnlyList<string> options)
    {
        await using var lcnn = await LcnnProcess.RunAsync(["eval", path, "--json", "--curvature-samples", "0", .. options]);

        Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
        return Assert.Single(lcnn.Events);
    }
}
