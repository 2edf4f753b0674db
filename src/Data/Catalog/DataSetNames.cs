#if CONTRACTS
namespace Lcnn.Distributed.Contracts.Runs;
#else
namespace Lcnn.Distributed.Data.Catalog;
#endif

/// <summary>The names of the data sets that are built in, in the order they are shown. Compiled into Contracts too, which carries none of the readers.</summary>
internal static class DataSetNames
{
    public const string Digits = "digits";
    public const string Mnist = "mnist";
    public const string FashionMnist = "fashion-mnist";
    public const string Cifar10 = "cifar10";
    public const string Cifar100 = "cifar100";

    public static IReadOnlyList<string> All { get; } = [Digits, Mnist, FashionMnist, Cifar10, Cifar100];

    /// <summary>Whether what a run calls its data set is a place: it has a slash in it, which no name has.</summary>
    public static bool IsPath(string dataset) => dataset.AsSpan().ContainsAny('/', '\\');
}
