using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Runs;

/// <summary>Processes that want a folder at the same moment, or after one that was killed.</summary>
public sealed class SameFolderTests
{
    private static readonly string[] _tiny = ["train", "--json", "--epochs", "1", "--train-limit", "64", "--curvature-samples", "0", "--workers", "1"];

    [Fact]
    public async Task Train_ManyProcessesAtOnceSomeInOneFolder_EachFolderHoldsWhatItsRunReported()
    {
        var (all, inOneFolder) = TestTier.IsLong ? (24, 8) : (5, 3);
        using var folder = new TemporaryFolder();
        var processes = Enumerable.Range(0, all)
            .Select(index => LcnnProcess.Start(folder.Path, [.. _tiny, "--seed", $"{index}", .. index < inOneFolder ? new[] { "--out", "one" } : []]))
            .ToList();
        try
        {
            var codes = await Task.WhenAll(processes.Select(process => process.WaitForExitAsync()));

            var completed = processes.Where((_, index) => codes[index] == 0).Select(process => process.Events[^1]).ToList();
            Assert.Equal(all - inOneFolder + 1, completed.Count);
            Assert.Equal([folder["one"], .. Directory.GetDirectories(folder["runs"]).Order()], completed.Select(FolderOf).Order());
            Assert.All(completed, end => Assert.Equal(end.Weights, WeightsFile.Sha256(Path.Combine(FolderOf(end), "model.safetensors"))));
            var refused = processes.Where((_, index) => codes[index] != 0).ToList();
            Assert.All(refused, process => Assert.True(SaysWhy(process.Events[^1].Text("error")), $"{process}"));
            Assert.All(codes, code => Assert.True(code is 0 or 2, $"exit code {code}"));
        }
        finally
        {
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Train_FolderOfALivingAndThenAKilledProcess_IsRefusedAndThenTaken()
    {
        using var folder = new TemporaryFolder();
        await using var first = LcnnProcess.Start(folder.Path, ["train", "--json", "--epochs", "100000", "--snapshot-every", "10000000", "--out", "run"]);
        await first.WaitForEventAsync("step");

        await using var second = LcnnProcess.Start(folder.Path, [.. _tiny, "--out", "run"]);
        Assert.Equal(2, await second.WaitForExitAsync());
        first.Kill();
        await using var third = LcnnProcess.Start(folder.Path, [.. _tiny, "--out", "run"]);
        var completed = await third.CompletedAsync();

        var error = second.Events[^1].Text("error");
        Assert.All([folder["run"], "is in use by run run-", $"process {first.Id} on ", "--out"], part => Assert.Contains(part, error, StringComparison.Ordinal));
        Assert.Equal(completed.Weights, WeightsFile.Sha256(Path.Combine(folder["run"], "model.safetensors")));
    }

    private static string FolderOf(JsonElement completed) => completed.GetProperty("spec").Text("outputDirectory");

    private static bool SaysWhy(string error) =>
        error.Contains("is in use by run run-", StringComparison.Ordinal) || error.Contains("not empty", StringComparison.Ordinal)
        || error.Contains("already holds a run", StringComparison.Ordinal);
}
