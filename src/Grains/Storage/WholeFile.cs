namespace Lcnn.Distributed.Grains.Storage;

/// <summary>Files for people that are whole or not there.</summary>
internal static class WholeFile
{
    /// <summary>Writes a line of text to a file of a folder, which is made if need be.</summary>
    public static void WriteLine(string folder, string name, string line)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name);
        var temporary = path + ".tmp";
        File.WriteAllText(temporary, line + "\n");
        File.Move(temporary, path, overwrite: true);
    }
}
