using System.Text;
using Lcnn.Distributed.Build;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

public sealed class RelaxLibstdcxxTests
{
    private static readonly string? _library = NativeLibrary.SearchFolders()
        .Select(folder => Path.Combine(folder, "libLibTorchSharp.so")).FirstOrDefault(File.Exists);

    [Fact]
    public void Build_OutputLibrary_AsksForNoLibstdcxxOfGcc13()
    {
        var image = ReadLibrary();

        var strong = ElfReader.RequiredVersions(image).Where(version => !version.IsWeak).Select(version => version.Name).ToList();

        Assert.Contains("GLIBCXX_3.4.30", strong);
        Assert.DoesNotContain(ElfImports.Version, strong);
    }

    [Fact]
    public void Relax_RelaxedLibrary_ChangesNothing()
    {
        var image = ReadLibrary();
        var before = image.ToArray();

        var outcome = ElfImports.Relax(image);

        Assert.Equal("was relaxed before", outcome);
        Assert.Equal(before, image);
    }

    [Fact]
    public void Relax_SecondSymbolOfTheVersion_IsRefused()
    {
        // The relaxed requirement made strong again, and used by a symbol that is not the anchor.
        var image = ReadLibrary();
        var requirement = ElfReader.RequiredVersions(image).Single(version => version.Name == ElfImports.Version);
        var versions = ElfReader.Section(image, ".gnu.version").Offset;
        BitConverter.TryWriteBytes(image.AsSpan(versions + 2), requirement.Index);

        var refusal = Assert.Throws<InvalidDataException>(() => ElfImports.Relax(image));

        Assert.Contains("1 symbols use GLIBCXX_3.4.32, the anchor is missing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Relax_NotAnElfFile_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => ElfImports.Relax(Encoding.ASCII.GetBytes("version https://git-lfs.github.com/spec/v1")));

    [Fact]
    public void Relax_LibraryCutOff_IsRefused()
    {
        var image = ReadLibrary()[..4096];

        Assert.Throws<InvalidDataException>(() => ElfImports.Relax(image));
    }

    private static byte[] ReadLibrary()
    {
        Assert.SkipWhen(_library is null, "This output holds no libLibTorchSharp.so (built for another system).");
        return File.ReadAllBytes(_library!);
    }
}
