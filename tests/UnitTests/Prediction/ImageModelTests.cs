using System.Globalization;
using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Model.Prediction;
using Lcnn.Distributed.Networks;
using Lcnn.Distributed.UnitTests.Data;
using Lcnn.Distributed.UnitTests.Own;
using SkiaSharp;

namespace Lcnn.Distributed.UnitTests.Prediction;

/// <summary>Models of files, asked by a program of the user's own.</summary>
public sealed class ImageModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Model => Path.Combine(_folder.Path, "mine.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Predict_AModelWithAnOperationOfItsOwn_NamesTheClassForAnyNumberOfThreads()
    {
        Write(Spec(NetworkLayers.Describe("mine", network => network.Conv(4).Add("gate").GlobalAveragePool().Flatten().Classes())));
        var (image, small) = (Draw("image.png", 8), Draw("small.png", 5));

        using var model = ImageModel.Load(Model, new ImageModelOptions { Operations = new OwnLayerKinds(new ForwardGate()), Threads = 1 });
        using var other = ImageModel.Load(Model, new ImageModelOptions { Operations = new OwnLayerKinds(new ForwardGate()), Threads = 3 });
        var (one, three) = (model.Predict([image, small], withCurvature: true, TestContext.Current.CancellationToken), other.Predict([image], withCurvature: true, TestContext.Current.CancellationToken));

        var said = Assert.Single(one.Images);
        Assert.Equal(three.Images, one.Images);
        Assert.Contains(said.Class, model.ClassNames);
        Assert.InRange(said.Probability, 1.0 / 3, 1);
        Assert.True(said.Curvature > 0);
        Assert.Equal(new RefusedImage(small, "expected an image of 8x8, got 5x5: the model was trained on images as they are"), Assert.Single(one.Refused));
    }

    [Fact]
    public void Load_AModelWithAnUnknownOperation_NamesItAndItsPlace()
    {
        Write(Spec(NetworkLayers.Describe("mine", network => network.Conv(4).Add("gate").GlobalAveragePool().Flatten().Classes())));

        var refused = Assert.Throws<ArgumentException>(() => ImageModel.Load(Model));

        Assert.StartsWith("mine: layers[1]: unknown layer 'gate', expected one of", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "it does not say of which network it is")]
    [InlineData("{", "it does not say of which network it is")]
    [InlineData("""{"architecture":"resnet8-lcnn","dataset":"./photos"}""", "it does not say which images it takes")]
    public void Load_AModelThatDoesNotSayWhatItIs_IsRefusedByName(string spec, string expected)
    {
        SafeTensorsFile.Write(Model, [], new Dictionary<string, string> { ["spec"] = spec });

        var refused = Assert.Throws<CheckpointException>(() => ImageModel.Load(Model));

        Assert.Contains($"{Model}: {expected}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_OfARun_IsReadWithTheRunsOwnDefaults()
    {
        var (fresh, read) = (new RunSpec(), new StoredModel.StoredSpec());
        var spec = JsonSerializer.SerializeToNode(fresh, RunEventJson.Options)!.AsObject();

        foreach (var property in typeof(StoredModel.StoredSpec).GetProperties())
        {
            var made = typeof(RunSpec).GetProperty(property.Name)!.GetValue(fresh);
            Assert.True(property.Name is "Dataset" or "Architecture" || Equals(made, property.GetValue(read)), property.Name);
        }

        Assert.Equal(fresh.CurvatureIterations.ToString(CultureInfo.InvariantCulture), $"{spec["curvatureIterations"]}");
    }

    private static RunSpec Spec(NetworkDescription network) => Recipes.Default("shapes", network.Name) with { Network = network.ToJson(), Loss = "ce" };

    private void Write(RunSpec spec)
    {
        var network = Architectures.Build(spec.DescribedNetwork(), new Dictionary<string, long>(), new ImageShape(1, 8, 8), 3, own: new OwnLayerKinds(new ForwardGate()));
        var states = network.Initialize(seed: 3);
        SafeTensorsFile.Write(Model, NetworkState.Export(states), ModelMetadata.Of(spec, step: 1, new ModelInput(1, 8, 8, 3, ["cat", "dog", "eel"])));
        Array.ForEach(states, state => state.Dispose());
    }

    private string Draw(string name, int side)
    {
        var path = Path.Combine(_folder.Path, name);
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Gray8));
        bitmap.SetPixel(1, 2, SKColors.White);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
        return path;
    }
}
