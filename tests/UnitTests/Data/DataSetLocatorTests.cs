using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;

namespace Lcnn.Distributed.UnitTests.Data;

public sealed class DataSetLocatorTests
{
    [Fact]
    public void Catalog_Names_AreThoseOfSpecs()
    {
        Assert.Equal(Names.Datasets, DataSetCatalog.Names);
        Assert.Equal(["cifar10", "cifar100"], DataSetCatalog.Names.Where(name => DataSetCatalog.Find(name).IsAugmented));
        Assert.All(
            DataSetCatalog.Names.SelectMany(name => DataSetCatalog.Find(name).Files),
            file => Assert.Equal((64, true), (file.Sha256.Length, file.Address.AbsoluteUri.EndsWith(file.Name, StringComparison.Ordinal))));
    }

    [Fact]
    public void Find_UnknownName_ListsTheKnownOnes()
    {
        var exception = Assert.Throws<ArgumentException>(() => DataSetCatalog.Find("imagenet"));

        Assert.Contains("digits, mnist, fashion-mnist, cifar10, cifar100", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Locate_Digits_NeedNoFiles()
    {
        var location = new DataSetLocator().Locate("digits", "/no/such/folder");

        Assert.Equal((DataSetOrigin.Embedded, true), (location.Origin, location.IsFound));
    }

    [Fact]
    public void Locate_Nowhere_SaysWhichFilesWereExpected()
    {
        using var cache = new TemporaryFolder();

        var location = new DataSetLocator(cache.Path).Locate("mnist");

        Assert.False(location.IsFound);
        Assert.Equal(DataSetCatalog.Find("mnist").Files, location.Missing);
        Assert.Contains("t10k-labels-idx1-ubyte.gz", location.Problem!.Expected, StringComparison.Ordinal);
        Assert.Contains(cache["mnist"], location.Problem.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Locate_DataDirectoryWithoutTheFiles_IsNotPassedOverForTheCache()
    {
        using var cache = new TemporaryFolder();
        using var named = new TemporaryFolder();
        WriteMnist(cache, "mnist");
        named.Write("mnist/train-labels-idx1-ubyte", [1]);
        var locator = new DataSetLocator(cache.Path);

        var location = locator.Locate("mnist", named.Path);

        Assert.Equal(DataSetOrigin.Cache, locator.Locate("mnist").Origin);
        Assert.False(location.IsFound);
        Assert.Equal(
            $"{named["mnist"]} without train-images-idx3-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz",
            location.Problem!.Got);
        Assert.Equal("no such folder", locator.Locate("cifar10", named["nothing"]).Problem!.Got);
        Assert.Equal("none of them", locator.Locate("cifar10", named.Path).Problem!.Got);
    }

    [Fact]
    public void Locate_SystemFolderAndCache_PrefersTheSystemFolder()
    {
        using var cache = new TemporaryFolder();
        using var system = new TemporaryFolder();
        WriteMnist(cache, "mnist");
        WriteMnist(system, "");
        var description = DataSetCatalog.Find("mnist") with { SystemFolder = system.Path };
        var locator = new DataSetLocator(cache.Path);

        var location = locator.Locate(description, null);
        File.Delete(system["t10k-labels-idx1-ubyte"]);
        var without = locator.Locate(description, null);

        Assert.Equal((DataSetOrigin.System, system.Path), (location.Origin, location.Folder));
        Assert.Equal(SmallFiles.IdxSet(zipped: false).Values.Sum(bytes => bytes.Length), location.Bytes);
        Assert.Equal(DataSetOrigin.Cache, without.Origin);
    }

    [Theory]
    [InlineData("mnist", "MNIST/raw", "", false)]
    [InlineData("mnist", "MNIST/raw", "", true)]
    [InlineData("mnist", "MNIST/raw", "MNIST", false)]
    [InlineData("mnist", "MNIST/raw", "MNIST/raw", false)]
    [InlineData("fashion-mnist", "FashionMNIST/raw", "", true)]
    [InlineData("fashion-mnist", "FashionMNIST/raw", "FashionMNIST", false)]
    public async Task Load_TorchvisionsFolders_AreFound(string name, string layout, string given, bool zipped)
    {
        using var root = new TemporaryFolder();
        foreach (var (file, bytes) in SmallFiles.IdxSet(zipped))
        {
            root.Write(Path.Combine(layout, file), bytes);
        }

        var data = await new DataSetLoader().LoadAsync(name, root[given], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((6, 4), (data.Train.Count, data.Test.Count));
    }

    [Fact]
    public void Locate_TorchvisionsFolderOfTheOtherSet_IsNotTakenForIt()
    {
        using var root = new TemporaryFolder();
        foreach (var (file, bytes) in SmallFiles.IdxSet(zipped: false))
        {
            root.Write(Path.Combine("MNIST/raw", file), bytes);
        }

        var location = new DataSetLocator(root.Path).Locate("fashion-mnist", root.Path);

        Assert.False(location.IsFound);
        Assert.Contains("torchvision's FashionMNIST/raw", location.Problem!.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void CacheFolder_ByEnvironment_FollowsItsOrder()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        Assert.Equal("/own", Find(("LCNN_CACHE", "/own"), ("XDG_CACHE_HOME", "/xdg")));
        Assert.Equal(Path.Combine("/xdg", "lcnn"), Find(("XDG_CACHE_HOME", "/xdg")));
        Assert.Equal(Path.Combine(home, ".cache", "lcnn"), Find());
        Assert.Equal(Path.Combine(home, ".cache", "lcnn"), Find(("LCNN_CACHE", ""), ("XDG_CACHE_HOME", "relative")));
        Assert.Equal(Path.Combine(home, "own"), Find(("LCNN_CACHE", "~/own")));
        Assert.Equal(Path.Combine(home, "xdg", "lcnn"), Find(("XDG_CACHE_HOME", "~/xdg")));
    }

    private static string Find(params (string Name, string Value)[] environment) =>
        DataSetLocator.FindCacheFolder(name => environment.FirstOrDefault(variable => variable.Name == name).Value);

    private static void WriteMnist(TemporaryFolder folder, string subfolder)
    {
        foreach (var (name, bytes) in SmallFiles.IdxSet(zipped: false))
        {
            folder.Write(Path.Combine(subfolder, name), bytes);
        }
    }
}
