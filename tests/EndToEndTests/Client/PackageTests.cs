using System.Text.Json;
using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Client;

/// <summary>What users get as packages, on the machine of somebody who has nothing else of this repository.</summary>
public sealed class PackageTests(Packages packed) : IClassFixture<Packages>
{
    [Theory]
    [InlineData("Lcnn.Distributed.Contracts", "Lcnn.Distributed.Networks", "Microsoft.Orleans.Sdk")]
    [InlineData("Lcnn.Distributed.Networks")]
    [InlineData("Lcnn.Distributed.Client", "Google.Protobuf", "Lcnn.Distributed.Contracts", "Microsoft.Orleans.Client", "Microsoft.Orleans.Clustering.Redis", "Microsoft.Orleans.Connections.Security", "Microsoft.Orleans.Sdk", "StackExchange.Redis", "YamlDotNet")]
    public void Package_Description_NamesOrleansAndNothingOfTorch(string package, params string[] expected)
    {
        var nuspec = packed.Nuspec(package);

        var (metadata, group) = (nuspec.Elements(), Assert.Single(nuspec.Descendants(), element => element.Name.LocalName == "group"));
        Assert.Equal("net10.0", group.Attribute("targetFramework")!.Value);
        Assert.Equal(expected, group.Elements().Select(dependency => dependency.Attribute("id")!.Value).Order(StringComparer.Ordinal));
        Assert.All(["readme", "license", "description"], name => Assert.NotEmpty(metadata.Single(element => element.Name.LocalName == name).Value));
        Assert.DoesNotContain("torch", string.Join(' ', packed.Entries(package)), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"lib/net10.0/{package}.xml", packed.Entries(package));
        Assert.Contains($"lib/net10.0/{package}.pdb", packed.Symbols(package));
    }

    [Fact]
    public void Package_OfTheModel_NamesTorchSharpAndNothingOfOrleans()
    {
        const string Package = "Lcnn.Distributed.Model";
        var dependencies = packed.Nuspec(Package).Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).ToList();

        Assert.Contains("TorchSharp", dependencies);
        Assert.DoesNotContain(dependencies, name => name.Contains("Orleans", StringComparison.Ordinal) || name.Contains("libtorch", StringComparison.Ordinal));
        Assert.Superset(
            new HashSet<string> { "README.md", $"lib/net10.0/{Package}.xml", $"build/{Package}.targets", "build/RelaxLibstdcxx.cs", $"buildTransitive/{Package}.targets" }, packed.Entries(Package).ToHashSet());
    }

    /// <summary>A stock network, converted and trained by the library; on any host that the product runs on.</summary>
    [Fact]
    public async Task SampleOfTheModel_BuiltOutsideTheRepositoryFromThePackages_ConvertsAndTrains()
    {
        using var folder = new TemporaryFolder();
        var program = await packed.BuildSampleAsync("ExistingModel");

        var output = await Dotnet.RunAsync(folder.Path, [program, "digits", "128", "1"], ("OMP_NUM_THREADS", "1"));

        Assert.Contains("58 modules swapped, 0 kept", output);
        Assert.Matches(@"epoch 1: test accuracy [0-9.]+\s?%\s+mean curvature [0-9.]+, mean gradient norm [0-9.]+", output);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(program)!, "*rleans*", SearchOption.AllDirectories));
    }

    /// <summary>A silo host with a data set, a network and an operation of its own, as a user writes one.</summary>
    [Fact]
    public async Task SampleOfTheSilo_BuiltOutsideTheRepositoryFromThePackages_TrainsItsOwnNetworkOnItsOwnData()
    {
        using var folder = new TemporaryFolder();
        var program = await packed.BuildSampleAsync("OwnNetwork");

        var check = await Dotnet.RunAsync(folder.Path, [program, "check"], ("OMP_NUM_THREADS", "1"));
        var output = await Dotnet.RunAsync(folder.Path, [program], ("OMP_NUM_THREADS", "1"));

        Assert.Contains("the passes of 'gate' are right", check);
        Assert.Contains("1200 shapes, 4105 numbers to learn, loss curvature", output);
        Assert.Matches(@"accuracy (9[0-9]|100)\.[0-9]\s?%, mean curvature [0-9.]+, weights [0-9a-f]{64}", output);
        Assert.NotEmpty(Directory.GetFiles(folder["own-network"], "model.safetensors", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Sample_BuiltOutsideTheRepositoryFromThePackages_PlotsItsRun()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new TemporaryFolder();
        var program = await packed.BuildSampleAsync("PlotLoss");
        await using var silo = await SiloProcess.StartAsync(redis.Address, folder.Path, "--slots", "2");

        var output = await Dotnet.RunAsync(folder.Path, [program, "loss.png"], ("LCNN_CLUSTER", redis.Address));

        var lines = output.Split('\n').Select(line => line.Split(' ')).ToLookup(words => words[0], words => words[^1]);
        await using var watch = LcnnProcess.Start(folder.Path, ["watch", lines["run"].Single(), "--json"], ("LCNN_CLUSTER", redis.Address));
        var completed = await watch.CompletedAsync();
        Assert.Equal(completed.Weights, lines["weightsSha256"].Single());
        Assert.Equal(WeightsFile.Sha256(folder[completed.Text("modelPath")]), completed.Weights);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await File.ReadAllBytesAsync(folder["loss.png"], TestContext.Current.CancellationToken))[..4]);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(program)!, "*orch*", SearchOption.AllDirectories));
    }

    /// <summary>An Aspire application of processes alone: Redis, two silos, and a run on them.</summary>
    [Fact]
    public async Task SampleOfAspire_StartedWithoutContainers_TrainsOnItsTwoSilos()
    {
        TestTier.SkipUnlessLong();
        RedisServer.SkipUnlessInstalled();
        using var folder = new TemporaryFolder();
        var program = await packed.BuildSampleAsync("AppHost");
        await File.WriteAllTextAsync(folder["lcnn"], $"#!/bin/sh\nexec dotnet '{LcnnProgram.Path}' \"$@\"\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder["lcnn"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var finished = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(folder.Make("runs"), "report.json") { IncludeSubdirectories = true };
        watcher.Created += (_, _) => finished.TrySetResult();
        watcher.Renamed += (_, _) => finished.TrySetResult();
        watcher.EnableRaisingEvents = true;

        await using var application = LcnnProcess.StartLine(
            ["dotnet", program], folder.Path,
            ("LCNN", folder["lcnn"]), ("LCNN_FOLDER", folder["runs"]), ("ASPNETCORE_URLS", $"http://localhost:{RedisServer.FreePort()}"),
            ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", $"http://localhost:{RedisServer.FreePort()}"), ("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true"));
        await finished.Task.WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
        application.SendTerminate();

        await application.WaitForExitAsync();
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Directory.GetFiles(folder["runs"], "report.json", SearchOption.AllDirectories).Single(), TestContext.Current.CancellationToken));
        Assert.Equal(2, report.RootElement.GetProperty("workers").GetInt32());
        Assert.Equal(WeightsFile.Sha256(folder["runs/first/model.safetensors"]), report.RootElement.GetProperty("weightsSha256").GetString());
    }

    /// <summary>The command of somebody who has a cluster and nothing else: installed from its package, it trains there and writes for TensorBoard here.</summary>
    [Fact]
    public async Task Tool_InstalledFromItsPackage_TrainsOnAClusterWithoutLibtorch()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync(redis.Address, folder.Path, "--slots", "1");
        var tool = await packed.InstallToolAsync();

        await using var train = LcnnProcess.StartLine(
            [tool, "train", "--json", "--epochs", "1", "--workers", "1", "--train-limit", "64", "--curvature-samples", "0", "--out", folder["run"], "--tensorboard", folder["events"]],
            folder.Path, ("LCNN_CLUSTER", redis.Address));
        var completed = await train.CompletedAsync();
        await using var local = LcnnProcess.StartLine([tool, "train"], folder.Path);
        await using var eval = LcnnProcess.StartLine([tool, "eval", folder["run"]], folder.Path);

        Assert.Equal(WeightsFile.Sha256(folder["run/model.safetensors"]), completed.Weights);
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(Assert.Single(Directory.GetFiles(folder["events"]))), StringComparison.Ordinal);
        Assert.Equal((2, 2), (await local.WaitForExitAsync(), await eval.WaitForExitAsync()));
        Assert.Contains("name one with --cluster or LCNN_CLUSTER", Assert.Single(local.Error), StringComparison.Ordinal);
        Assert.Contains("eval: unknown command", eval.Error[0], StringComparison.Ordinal);
        Assert.DoesNotContain(packed.Entries("Lcnn.Distributed.Tool"), name => name.Contains("native", StringComparison.Ordinal));
    }
}
