using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>What <c>--dataset PATH</c> and the options beside it come to.</summary>
public sealed class OwnImagesTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("photos", "photos")]
    [InlineData("./photos", "photos")]
    [InlineData("photos/", "photos/")]
    [InlineData("sets/../photos", "photos")]
    [InlineData("./digits", "digits")]
    public async Task Dataset_APath_IsTheFullPathFromTheWorkingDirectory(string typed, string expected)
    {
        Directory.CreateDirectory(Path.Combine(_cli.Folder, "photos"));
        Directory.CreateDirectory(Path.Combine(_cli.Folder, "digits"));

        Assert.Equal(0, await _cli.RunLineAsync($"train --dataset {typed}"));

        Assert.Equal(Path.Combine(_cli.Folder, expected), _cli.Spec.Dataset);
        Assert.StartsWith(Path.Combine(_cli.Folder, "runs", expected.TrimEnd('/') + "-resnet8-lcnn-"), _cli.Spec.OutputDirectory, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dataset_ANameThatIsAlsoAFolder_IsTheName()
    {
        Directory.CreateDirectory(Path.Combine(_cli.Folder, "digits"));

        Assert.Equal(0, await _cli.RunLineAsync("train --dataset digits"));

        Assert.Equal("digits", _cli.Spec.Dataset);
    }

    [Theory]
    [InlineData("digitz", "unknown data set 'digitz', expected one of digits, mnist, fashion-mnist, cifar10, cifar100; did you mean 'digits'?")]
    [InlineData("./nowhere", "does not exist; give a name (digits, mnist, fashion-mnist, cifar10, cifar100) or the path of your images")]
    public async Task Dataset_NeitherNameNorPath_IsRefused(string typed, string reason)
    {
        Assert.Equal(2, await _cli.RunLineAsync($"train --dataset {typed}"));

        Assert.Contains(reason, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dataset_OfACluster_IsTheFullPathAndNotLookedFor()
    {
        Assert.Equal(0, await _cli.RunLineAsync("train --dataset ./photos --cluster redis://localhost --detach"));

        Assert.Equal(Path.Combine(_cli.Folder, "photos"), _cli.Spec.Dataset);
    }

    [Fact]
    public async Task Options_OfImages_AreInTheSpec()
    {
        Directory.CreateDirectory(Path.Combine(_cli.Folder, "photos"));

        Assert.Equal(0, await _cli.RunLineAsync("train --dataset photos --image-size 32x48 --grayscale --normalize 0.5/0.25 --split 0.1 --split-seed 7 --skip-bad"));

        var spec = _cli.Spec;
        Assert.Equal(("32x48", true, "0.5/0.25", 0.1, 7, true), (spec.ImageSize, spec.Grayscale, spec.Normalize, spec.Split, spec.SplitSeed, spec.SkipBad));
    }

    [Theory]
    [InlineData("--image-size 32", "--image-size: expected height and width from 1 to 4096 such as 32x32, got '32'")]
    [InlineData("--image-size 0x8", "--image-size: expected height")]
    [InlineData("--normalize 0.5", "--normalize: expected none, or means")]
    [InlineData("--normalize 0.5/0", "--normalize: expected none, or means")]
    [InlineData("--normalize 1,2/3,4", "--normalize: expected none, or means")]
    [InlineData("--normalize nan/1", "--normalize: expected none, or means")]
    [InlineData("--split 1", "--split: expected a number from 0 up to 0.9, got 1")]
    [InlineData("--split nan", "--split: expected a number")]
    public async Task Options_OfAnotherForm_AreRefused(string options, string reason)
    {
        Directory.CreateDirectory(Path.Combine(_cli.Folder, "photos"));

        Assert.Equal(2, await _cli.RunLineAsync($"train --dataset photos {options}"));

        Assert.Contains(reason, _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--image-size 32x32")]
    [InlineData("--grayscale")]
    [InlineData("--normalize 0.5/0.5")]
    [InlineData("--split 0.1")]
    [InlineData("--split-seed 1")]
    [InlineData("--skip-bad")]
    public async Task Options_BesideADataSetThatIsBuiltIn_AreRefused(string option)
    {
        Assert.Equal(2, await _cli.RunLineAsync($"train {option}"));

        Assert.Contains($"{option.Split(' ')[0]}: is for images of your own, and digits is taken as it is", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_WithTheImagesElsewhere_IsNoOtherRunUntilTheirHashIsSeen()
    {
        var made = Recipes.Default("/old/photos") with { ImageSize = "32x32" };

        var moved = Assert.Single(ResumedSpecs.Differences(made, made with { Dataset = "/new/photos" }));
        var resized = Assert.Single(ResumedSpecs.Differences(made, made with { ImageSize = "16x16" }));
        var other = Assert.Single(ResumedSpecs.Differences(made, made with { Dataset = "mnist" }));

        Assert.Equal((false, false), (moved.IsFixed, moved.ChangesResult));
        Assert.True(resized.IsFixed && other.IsFixed);
    }

    [Fact]
    public void Metadata_OfAModel_TellsNoPath()
    {
        var spec = ModelMetadata.ReadSpec(ModelMetadata.Of(Recipes.Default("/home/somebody/photos/") with { ImageSize = "8x8" }, step: 3, new ModelInput(3, 8, 8, 2, [])))!;

        Assert.Equal(("./photos", "8x8"), (spec.Dataset, spec.ImageSize));
    }
}
