namespace Lcnn.Distributed.Data.Named;

/// <summary>The files of CIFAR's binary version and the bytes of its records: labels, then 3072 planar pixels.</summary>
internal sealed record CifarLayout(string Folder, IReadOnlyList<string> TrainFiles, string TestFile, IReadOnlyList<int> LabelLimits)
{
    /// <summary>The published files have 31 and 150 MB; anything far beyond is not one of them.</summary>
    public const int LargestFileBytes = 512 << 20;

    public static CifarLayout Cifar10 { get; } = new(
        "cifar-10-batches-bin", [.. Enumerable.Range(1, 5).Select(batch => $"data_batch_{batch}.bin")], "test_batch.bin", [10]);

    public static CifarLayout Cifar100 { get; } = new("cifar-100-binary", ["train.bin"], "test.bin", [20, 100]);

    /// <summary>All files, the one of the test samples last.</summary>
    public IReadOnlyList<string> Files => [.. TrainFiles, TestFile];
}
