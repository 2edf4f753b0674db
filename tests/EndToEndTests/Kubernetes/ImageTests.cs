using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Kubernetes;

/// <summary>The image, built from the repository's own files and run as the manifests run it.</summary>
public sealed class ImageTests
{
    [Fact]
    public async Task Silos_InContainersOfTheImage_TrainToTheBitsOfTheProgram()
    {
        TestTier.SkipUnlessLong();
        var image = await ContainerImage.BuildAsync();
        await using var cluster = await PodCluster.StartAsync("dev", image, "a", "b");
        await cluster.StartSiloAsync("a");
        await cluster.StartSiloAsync("b");

        await using var train = await cluster.LaunchAsync([.. Training.Digits.Arguments, "--workers", "2", "--run-id", "contained", "--out", "/runs/contained"]);
        var completed = await train.CompletedAsync();

        Assert.Equal(await Training.Digits.WeightsAsync(), completed.Weights);
        Assert.Equal(completed.Weights, WeightsFile.Sha256(Path.Combine(cluster.Runs, "contained", "model.safetensors")));
        Assert.Contains("\"org.opencontainers.image.title\":\"lcnn\"", await image.LabelsAsync(), StringComparison.Ordinal);
        await CheckProcessAsync(await image.ProcessAsync(PodCluster.ContainerOf("a")));
        await cluster.DeleteAsync("a");
    }

    // By the kernel, from outside.
    private static async Task CheckProcessAsync(int process)
    {
        var status = await File.ReadAllLinesAsync($"/proc/{process}/status", TestContext.Current.CancellationToken);
        Assert.Equal(["65532", "65532", "65532", "65532"], Field(status, "Uid"));
        Assert.Equal(["0000000000000000"], Field(status, "CapEff"));
        Assert.Equal(["0000000000000000"], Field(status, "CapBnd"));
        Assert.Equal(["1"], Field(status, "NoNewPrivs"));
        var root = (await File.ReadAllLinesAsync($"/proc/{process}/mountinfo", TestContext.Current.CancellationToken)).Select(line => line.Split(' ')).First(fields => fields[4] == "/");
        Assert.StartsWith("ro", root[5], StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/proc/{process}/root{ContainerImage.SdkFolder}"), "the SDK is in the image");
        Assert.Equal("/opt/lcnn/lcnn", File.ResolveLinkTarget($"/proc/{process}/exe", returnFinalTarget: false)!.FullName);
    }

    private static string[] Field(IEnumerable<string> status, string name) =>
        status.First(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
