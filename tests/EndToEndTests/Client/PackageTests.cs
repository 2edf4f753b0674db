using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Client;

/// <summary>What users get as packages, on the machine of somebody who has nothing else of this repository.</summary>
public sealed class PackageTests(Packages packed) : IClassFixture<Packages>
{
    [Theory]
    [InlineData("Lcnn.Distributed.Contracts", "Lcnn.Distributed.Networks", "Microsoft.Orleans.Sdk")]
    [InlineData("Lcnn.Distributed.Networks")]
    [InlineData("Lcnn.Distributed.Client", "Lcnn.Distributed.Contracts", "Microsoft.Orleans.Client", "Microsoft.Orleans.Clustering.Redis", "Microsoft.Orleans.Connections.Security", "Microsoft.Orleans.Sdk", "StackExchange.Redis", "YamlDotNet")]
    public void Package_Description_NamesOrleansAndNothingOfTorch(string package, params string[] expected)
    {
        var nuspec = packed.Nuspec(package);

        var (metadata, group) = (nuspec.Elements(), Assert.Single(nuspec.Descendants(), element => element.Name.LocalName == "group"));
        Assert.Equal("net10.0", group.Attribute("targetFramework")!.Value);
        Assert.Equal(expected, group.Elements().Select(dependency => dependency.Attribute("id")!.Value).Order(StringComparer.Ordinal));
        Assert.All(["readme", "license", "description"], name => Assert.NotEmpty(metadata.Single(element => element.Name.LocalName == name).Value));
        Assert.DoesNotContain("torch", string.Join(' ', packed.Entries(package)), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"lib/net10.0/{package}.xml", packed.Entries(package));
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
}
