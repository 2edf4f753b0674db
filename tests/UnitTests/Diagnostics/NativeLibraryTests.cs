using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

public sealed class NativeLibraryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lcnn-native-");

    [Fact]
    public void Check_CompleteOutput_LoadsAndLeavesNoFolder()
    {
        NativeLibrary.Check();

        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")));
    }

    [Fact]
    public void Check_EmptyFolder_NamesTheFileTheFolderAndTheCure()
    {
        var refusal = Assert.Throws<NativeLibraryException>(() => NativeLibrary.Check([_folder.FullName]));

        Assert.Equal(NativeLibrary.FileName("torch_cpu"), refusal.File);
        Assert.Contains(_folder.FullName, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("LcnnBackend", refusal.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_DamagedFile_NamesTheFileAndTheCure()
    {
        foreach (var library in (string[])["torch_cpu", "LibTorchSharp"])
        {
            File.WriteAllText(Path.Combine(_folder.FullName, NativeLibrary.FileName(library)), new string('x', 4096));
        }

        var refusal = Assert.Throws<NativeLibraryException>(() => NativeLibrary.Check([_folder.FullName]));

        Assert.Contains(Path.Combine(_folder.FullName, NativeLibrary.FileName("torch_cpu")), refusal.Message, StringComparison.Ordinal);
        Assert.Contains("build again", refusal.Cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by libLibTorchSharp.so)", "libstdc++ is too old")]
    [InlineData("libc.so.6: version `GLIBC_2.34' not found", "C library is too old")]
    [InlineData("libgomp-98b21ff3.so.1: cannot open shared object file: No such file or directory", "libgomp belongs beside")]
    [InlineData("libstdc++.so.6: cannot open shared object file: No such file or directory", "apt-get install libstdc++6")]
    [InlineData("libtorch_cpu.so: wrong ELF class: ELFCLASS32", "another kind of processor")]
    [InlineData("libtorch_cpu.so: file too short", "damaged or cut off")]
    [InlineData("something else", "ldd")]
    public void CureFor_LoaderText_FitsIt(string problem, string cure) =>
        Assert.Contains(cure, NativeLibrary.CureFor(problem), StringComparison.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);
}
