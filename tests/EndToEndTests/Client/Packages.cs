using System.IO.Compression;
using System.Xml.Linq;

namespace Lcnn.Distributed.EndToEndTests.Client;

/// <summary>The packages that users get, packed once into a folder that serves as their source.</summary>
public sealed class Packages : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The checkout: this assembly lies in artifacts/bin/PROJECT/CONFIGURATION below it.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    private string Source => _folder["packages"];

    public async ValueTask InitializeAsync()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        foreach (var project in new[] { "Networks", "Contracts", "Client", "Data", "Model", "Grains", "Silo", "Tool" })
        {
            await Dotnet.RunAsync(
                Repository, ["pack", $"src/{project}", "--no-build", "-c", configuration, "-o", Source, "--disable-build-servers"]);
        }
    }

    /// <summary>The description inside a package.</summary>
    public XElement Nuspec(string package)
    {
        using var archive = ZipFile.OpenRead(Directory.GetFiles(Source, $"{package}.*.nupkg").Single());
        using var stream = archive.GetEntry($"{package}.nuspec")!.Open();
        return XDocument.Load(stream).Root!.Elements().Single();
    }

    /// <summary>Everything inside a package.</summary>
    public IReadOnlyList<string> Entries(string package) => EntriesOf($"{package}.*.nupkg");

    /// <summary>Everything inside the package of its symbols.</summary>
    public IReadOnlyList<string> Symbols(string package) => EntriesOf($"{package}.*.snupkg");

    /// <summary>Builds a copy of a sample outside the repository, from the packages alone.</summary>
    /// <returns>Path of the program.</returns>
    public async Task<string> BuildSampleAsync(string sample)
    {
        var folder = _folder.Make(sample);
        foreach (var file in Directory.GetFiles(Path.Combine(Repository, "samples", sample)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), NugetConfig(), TestContext.Current.CancellationToken);
        await Dotnet.RunAsync(
            folder, ["build", "-c", "Release", "-o", "out", "--disable-build-servers"], ("NUGET_PACKAGES", _folder["restored"]));
        return Path.Combine(folder, "out", $"{sample}.dll");
    }

    /// <summary>Installs the command for clusters.</summary>
    /// <returns>Path of the program.</returns>
    public async Task<string> InstallToolAsync()
    {
        var folder = _folder["tools"];
        await Dotnet.RunAsync(_folder.Path, ["tool", "install", "--tool-path", folder, "--source", Source, "Lcnn.Distributed.Tool"], ("NUGET_PACKAGES", _folder["restored"]));
        return Path.Combine(folder, "lcnn");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private IReadOnlyList<string> EntriesOf(string pattern)
    {
        using var archive = ZipFile.OpenRead(Directory.GetFiles(Source, pattern).Single());
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    // The machine's own sources stay. Its packages need no second copy, unless older ones of ours are among them.
    private string NugetConfig()
    {
        var machine = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var isFresh = Directory.Exists(machine) && Directory.GetDirectories(machine, "lcnn.distributed.*").Length == 0;
        return new XElement("configuration",
            new XElement("packageSources", Add("packed", Source)),
            new XElement("fallbackPackageFolders", isFresh ? Add("machine", machine) : null)).ToString();

        static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));
    }
}
