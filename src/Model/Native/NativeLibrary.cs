using System.Runtime.InteropServices;
using Loader = System.Runtime.InteropServices.NativeLibrary;

namespace Lcnn.Distributed.Model.Native;

/// <summary>Loads libtorch before TorchSharp does, because TorchSharp hides the loader's reason and leaves a folder behind.</summary>
public static class NativeLibrary
{
    private static readonly Lock _gate = new();
    private static bool _loaded;

    /// <summary>Loads the native libraries, or says what is wrong; call it first, before any torch type is touched.</summary>
    /// <exception cref="NativeLibraryException">A library is missing, damaged, or made for another system.</exception>
    public static void Check()
    {
        lock (_gate)
        {
            if (!_loaded)
            {
                Check(SearchFolders());
                NativeHeap.KeepFreed();
                TensorFloat32.Set(false);
                _loaded = true;
            }
        }
    }

    internal static void Check(IReadOnlyList<string> folders)
    {
        // TorchSharp last: it needs the other one, whose own trouble would otherwise be reported in its name.
        string[] paths = [Find("torch_cpu", folders), Find("LibTorchSharp", folders)];
        foreach (var path in paths)
        {
            Load(path);
        }
    }

    internal static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    internal static IReadOnlyList<string> SearchFolders()
    {
        var known = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return
        [
            .. known.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
            AppContext.BaseDirectory,
            Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
        ];
    }

    private static string Find(string library, IReadOnlyList<string> folders)
    {
        var file = FileName(library);
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists)
            ?? throw new NativeLibraryException(
                file,
                $"not found for {RuntimeInformation.RuntimeIdentifier} in {string.Join(", ", folders.Distinct())}",
                "build or publish on the kind of system that it is to run on: linux-x64, win-x64 or osx-arm64 "
                + "(-p:LcnnBackend=cpu or cuda); there is no libtorch package for others.");
    }

    private static void Load(string path)
    {
        try
        {
            Loader.Load(path);
        }
        catch (Exception refused) when (refused is DllNotFoundException or BadImageFormatException)
        {
            var problem = LoaderText(refused.Message);
            throw new NativeLibraryException(path, problem, CureFor(problem), refused);
        }
    }

    // .NET puts two lines of advice before what the loader said.
    private static string LoaderText(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length > 1 ? string.Join("; ", lines.Skip(1).Distinct()) : message;
    }

    internal static string CureFor(string problem)
    {
        bool Says(string text) => problem.Contains(text, StringComparison.OrdinalIgnoreCase);
        return true switch
        {
            _ when Says("GLIBCXX_") || Says("CXXABI_") =>
                "this system's libstdc++ is too old: use one with GCC 12 or newer (Debian 12, Ubuntu 22.04), or the container image. "
                + "If GLIBCXX_3.4.32 is named, the file did not come from this repository's build, which lifts that requirement.",
            _ when Says("GLIBC_") =>
                "this system's C library is too old (2.34 or newer is needed), or not glibc (Alpine): use Debian, Ubuntu or the container image.",
            _ when Says("libgomp") =>
                "libgomp belongs beside libtorch: copy the whole output folder, or rebuild it.",
            _ when Says("libstdc++") || Says("libgcc_s") =>
                "install the C++ runtime: apt-get install libstdc++6 libgcc-s1 (or: dnf install libstdc++).",
            _ when Says("wrong ELF class") || Says("incompatible architecture") || Says("0x8007000B") || Says("ELFCLASS") =>
                $"the file is for another kind of processor; this process is {RuntimeInformation.RuntimeIdentifier}: build for it.",
            _ when Says("invalid ELF header") || Says("file too short") || Says("not a mach-o") || Says("cannot read file data") =>
                "the file is damaged or cut off: delete the output folder and build again.",
            _ when Says("cannot allocate memory") || Says("failed to map segment") =>
                "free memory (libtorch maps about 500 MB), or mount the folder without noexec.",
            _ => "delete the output folder and build again; `ldd` on the file shows which of its dependencies is missing.",
        };
    }
}
