using Lcnn.Distributed.Cli.Hosting;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Pickle;
using Lcnn.Distributed.UnitTests.Golden;

namespace Lcnn.Distributed.UnitTests.Exchange;

/// <summary>lcnn import and lcnn export as the command runs them.</summary>
public sealed class ModelExchangeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-exchange-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AuthorsStateDict_ImportedAndExported_ComesBackToTheBit()
    {
        var golden = new GoldenFile("tiny_b");
        var given = golden.Under("state.").Select(key => golden.Stored("state." + key).Renamed(key)).ToList();
        await using (var file = File.Create(At("theirs.pt")))
        {
            TorchWriter.Write(file, given);
        }

        var taken = await new ModelExchange().ImportAsync(new ImportRequest(At("theirs.pt"), At("in/model.safetensors")) { Dataset = "digits" }, TestContext.Current.CancellationToken);
        await new ModelExchange().ExportAsync(new ExportRequest(At("in/model.safetensors"), At("back.pt"), "authors", null, null), TestContext.Current.CancellationToken);
        await new ModelExchange().ExportAsync(new ExportRequest(At("in/model.safetensors"), At("back.safetensors"), "authors", null, null), TestContext.Current.CancellationToken);

        var model = EvaluatedModel.Read(new EvaluationRequest(At("in/model.safetensors"), null, null, null, 1, 1), _ => { });
        Assert.Equal(WeightsHash.Compute(given), taken.WeightsSha256);
        Assert.Equal(taken.WeightsSha256, model.WeightsSha256);
        Assert.Equal("digits", model.Spec.Dataset);
        Assert.Equal(taken.Image, $"{model.RequiredInput().Channels}x{model.RequiredInput().Height}x{model.RequiredInput().Width}");
        Assert.Equal(taken.WeightsSha256, WeightsHash.Compute(StateDict.Read(At("back.pt")).Tensors.Values));
        Assert.Equal(taken.WeightsSha256, WeightsHash.ComputeFile(At("back.safetensors")));
    }

    [Fact]
    public async Task TorchvisionNetwork_ImportedAndFolded_IsModulesOfTorchAndTheirWeights()
    {
        var request = new ImportRequest(StateDictTests.Fixture("torchvision_basic.pt"), At("model.safetensors")) { Image = [3, 32, 32] };
        await new ModelExchange().ImportAsync(request, TestContext.Current.CancellationToken);

        var written = await new ModelExchange().ExportAsync(new ExportRequest(At("model.safetensors"), At("plain"), "folded", null, null), TestContext.Current.CancellationToken);

        var program = await File.ReadAllTextAsync(At("plain/model.py"), TestContext.Current.CancellationToken);
        var weights = StateDict.Read(At("plain/weights.pt")).Tensors;
        Assert.Equal([At("plain/weights.pt"), At("plain/model.py")], written.Files);
        Assert.Equal(written.Tensors, weights.Count);
        Assert.Contains("self.conv_0_0 = nn.Conv2d(3, 1, 7, stride=2, padding=3, groups=1, bias=True)\n", program, StringComparison.Ordinal);
        Assert.Contains("nn.MaxPool2d(3, stride=2, padding=1)\n", program, StringComparison.Ordinal);
        Assert.Contains("self.linear_8 = nn.Linear(8, 3)\n", program, StringComparison.Ordinal);
        Assert.All(weights.Keys, key => Assert.Contains($"self.{key.Split('.')[0]} = ", program, StringComparison.Ordinal));
        Assert.DoesNotContain('\r', program);
    }

    [Fact]
    public async Task LowCurvatureNetwork_Folded_HasGainsAndScalesInItsWeights()
    {
        var golden = new GoldenFile("tiny_b");
        SafeTensorsFile.Write(At("theirs.safetensors"), golden.Under("state.").Select(key => golden.Stored("state." + key).Renamed(key)));
        await new ModelExchange().ImportAsync(new ImportRequest(At("theirs.safetensors"), At("model.safetensors")), TestContext.Current.CancellationToken);
        await new ModelExchange().ExportAsync(new ExportRequest(At("model.safetensors"), At("plain"), "folded", null, null), TestContext.Current.CancellationToken);

        var weights = StateDict.Read(At("plain/weights.pt")).Tensors;
        var variances = golden.Stored("state.0.0.bn.running_var").Values<float>().ToArray();
        var scale = Math.Sqrt(variances.Min() + 1e-5);
        var gain = Math.Min(1, scale * Math.Exp(golden.Stored("state.0.0.log_lipschitz").Values<float>()[0]));
        Assert.All(weights["norm_0_0.weight"].Values<float>().ToArray(), weight => Assert.Equal(gain, weight, 1e-6));
        Assert.Equal(Math.Exp(golden.Stored("state.0.1.log_beta").Values<float>()[0]) + 1e-3, weights["act_0_1.beta"].Values<float>()[0], 1e-5);
        Assert.DoesNotContain(weights.Keys, key => key.Contains("parametrizations", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FileThatIsNone_IsBadInputAndWritesNothing()
    {
        await File.WriteAllTextAsync(At("text.pt"), "no network", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<BadInputException>(() => new ModelExchange().ImportAsync(new ImportRequest(At("text.pt"), At("out/model.safetensors")), TestContext.Current.CancellationToken));

        Assert.False(Directory.Exists(At("out")));
    }

    private string At(string name) => Path.Combine(_folder, name);
}
