namespace Lcnn.Distributed.EndToEndTests;

/// <summary>A folder of one test, deleted with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lcnn-e2e-").FullName;

    /// <summary>A path in the folder; nothing is made there.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The path of a folder in it, made on the way.</summary>
    public string Make(string name) => Directory.CreateDirectory(this[name]).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
