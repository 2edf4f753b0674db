using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Data.Named;

namespace Lcnn.Distributed.Data.Catalog;

/// <summary>The data sets this system knows.</summary>
/// <remarks>
/// Sizes and SHA-256 are those of TensorFlow Datasets (github.com/tensorflow/datasets, tensorflow_datasets/url_checksums/
/// mnist.txt, fashion_mnist.txt, cifar10.txt, cifar100.txt). Its listing of MNIST names another mirror of the same four files.
/// Debian's Fashion-MNIST, given back the name and time that its gzip headers lost, has the listed SHA-256 in all four files.
/// </remarks>
public static class DataSetCatalog
{
    private const string Mnist = "https://ossci-datasets.s3.amazonaws.com/mnist/";
    private const string FashionMnist = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
    private const string Cifar = "https://www.cs.toronto.edu/~kriz/";

    private static readonly DataSetDescription[] _all =
    [
        new(DataSetNames.Digits, new DigitsFormat(), 1, 8, 8, 10, 16, DigitsReader.TrainCount, DigitsReader.TestCount, false, []),
        new(DataSetNames.Mnist, new IdxFormat("MNIST"), 1, 28, 28, 10, 255, 60_000, 10_000, false,
        [
            File(Mnist, "train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            File(Mnist, "train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            File(Mnist, "t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            File(Mnist, "t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ]),
        new(DataSetNames.FashionMnist, new IdxFormat("FashionMNIST"), 1, 28, 28, 10, 255, 60_000, 10_000, false,
        [
            File(FashionMnist, "train-images-idx3-ubyte.gz", 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            File(FashionMnist, "train-labels-idx1-ubyte.gz", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            File(FashionMnist, "t10k-images-idx3-ubyte.gz", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            File(FashionMnist, "t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ], "/usr/share/datasets/fashion-mnist"),
        new(DataSetNames.Cifar10, new CifarFormat(CifarLayout.Cifar10), 3, 32, 32, 10, 255, 50_000, 10_000, true,
        [
            File(Cifar, "cifar-10-binary.tar.gz", 170052171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
        ]),
        new(DataSetNames.Cifar100, new CifarFormat(CifarLayout.Cifar100), 3, 32, 32, 100, 255, 50_000, 10_000, true,
        [
            File(Cifar, "cifar-100-binary.tar.gz", 168513733, "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
        ]),
    ];

    /// <summary>Every name, in the order they are shown.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _all.Select(description => description.Name)];

    /// <summary>The description of a data set.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static DataSetDescription Find(string name) =>
        Array.Find(_all, description => description.Name == name)
        ?? throw new ArgumentException($"Unknown data set \"{name}\"; there are {string.Join(", ", Names)}.", nameof(name));

    private static DataFile File(string folder, string name, long bytes, string sha256) =>
        new(name, new Uri(folder + name), bytes, sha256);
}
