namespace Lcnn.Distributed.EndToEndTests;

/// <summary>Where the build put the program: artifacts/bin/PROJECT/CONFIGURATION, beside this test assembly's own folder.</summary>
internal static class LcnnProgram
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar));
        var path = System.IO.Path.Combine(here.Parent!.Parent!.FullName, "Lcnn.Distributed.Cli", here.Name, "lcnn.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"build src/Cli first: expected {path}", path);
    }
}
