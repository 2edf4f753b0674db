using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.BadInput;

public sealed class DamagedDataTests
{
    [Theory]
    [InlineData(DataFormat.Idx, Damage.Truncated, "pixels")]
    [InlineData(DataFormat.Idx, Damage.WrongMagic, "IDX")]
    [InlineData(DataFormat.Idx, Damage.WrongLabel, "label 200")]
    [InlineData(DataFormat.Idx, Damage.Missing, "without")]
    [InlineData(DataFormat.IdxGzip, Damage.Truncated, "pixels")]
    [InlineData(DataFormat.IdxGzip, Damage.ShortContent, "pixels")]
    [InlineData(DataFormat.IdxGzip, Damage.WrongMagic, "first bytes")]
    [InlineData(DataFormat.IdxGzip, Damage.WrongLabel, "label 200")]
    [InlineData(DataFormat.IdxGzip, Damage.FlippedBit, "gzip")]
    [InlineData(DataFormat.Cifar10, Damage.Truncated, "a multiple of 3073 bytes")]
    [InlineData(DataFormat.Cifar10, Damage.WrongLabel, "label 200")]
    [InlineData(DataFormat.Cifar10Archive, Damage.Truncated, "data_batch_")]
    [InlineData(DataFormat.Cifar10Archive, Damage.WrongMagic, "tar")]
    [InlineData(DataFormat.Cifar10Archive, Damage.WrongLabel, "label 200")]
    [InlineData(DataFormat.Cifar10Archive, Damage.Missing, "without data_batch_2.bin")]
    [InlineData(DataFormat.Cifar100, Damage.Truncated, "a multiple of 3074 bytes")]
    [InlineData(DataFormat.Cifar100, Damage.WrongLabel, "label 200")]
    [InlineData(DataFormat.Cifar100Archive, Damage.ShortContent, "a multiple of 3074 bytes")]
    public async Task Train_DamagedFile_IsNamedBeforeTraining(DataFormat format, Damage damage, string reason)
    {
        using var folder = new TemporaryFolder();
        var file = SampleFiles.Write(format, damage, folder.Make("data"));

        await using var lcnn = await TrainAsync(format, folder);

        await Refusal.CheckAsync(lcnn, file, reason);
    }

    [Theory]
    [InlineData(DataFormat.IdxGzip)]
    [InlineData(DataFormat.Cifar10Archive)]
    [InlineData(DataFormat.Cifar100)]
    public async Task Train_WholeFiles_AreTrainedOn(DataFormat format)
    {
        using var folder = new TemporaryFolder();
        SampleFiles.Write(format, Damage.None, folder.Make("data"));

        await using var lcnn = await TrainAsync(format, folder);

        Assert.Equal(1, (await lcnn.CompletedAsync()).Whole("steps"));
    }

    [Fact]
    public async Task Train_FolderWithoutTheFiles_SaysWhichToPutThere()
    {
        using var folder = new TemporaryFolder();
        folder.Make("data");

        await using var lcnn = await TrainAsync(DataFormat.Idx, folder);

        await Refusal.CheckAsync(lcnn, folder["data"], "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte", "--data-dir");
    }

    private static Task<LcnnProcess> TrainAsync(DataFormat format, TemporaryFolder folder) => LcnnProcess.RunAsync(
        "train", "--json", "--dataset", SampleFiles.DatasetOf(format), "--data-dir", folder["data"], "--out", folder["run"],
        "--epochs", "1", "--train-limit", "32", "--batch-size", "32", "--curvature-samples", "0", "--loss", "ce", "--arch", "resnet8");
}
