using System.CommandLine;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Where a command writes a file: nothing that is there is overwritten.</summary>
internal static class OutputPath
{
    /// <summary>The full path of the file; a path without the ending is a folder for <paramref name="fileName"/>.</summary>
    /// <returns>Empty where there is a problem.</returns>
    public static string Read(ArgumentReader reader, Option<string> option, string workingDirectory, string ending, string fileName)
    {
        if (ReadNew(reader, option, workingDirectory) is not { } path)
        {
            return "";
        }

        var file = path.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? path : Path.Combine(path, fileName);
        if (Path.Exists(file))
        {
            reader.Add(option, $"'{file}' is there already; take another, or remove it");
        }
        else if (OutputFolder.WhyNotWritable(Path.GetDirectoryName(file)!) is { } problem)
        {
            reader.Add(option, problem);
        }

        return file;
    }

    /// <summary>The full path of a folder for some files; null where there is a problem.</summary>
    public static string? ReadFolder(ArgumentReader reader, Option<string> option, string workingDirectory, IReadOnlyList<string> files)
    {
        if (ReadNew(reader, option, workingDirectory) is not { } path)
        {
            return null;
        }

        if (files.Select(name => Path.Combine(path, name)).FirstOrDefault(Path.Exists) is { } there)
        {
            reader.Add(option, $"'{there}' is there already; take another folder, or remove it");
        }
        else if (OutputFolder.WhyNotWritable(path) is { } problem)
        {
            reader.Add(option, problem);
        }

        return path;
    }

    private static string? ReadNew(ArgumentReader reader, Option<string> option, string workingDirectory)
    {
        var text = reader.Text(option);
        if (string.IsNullOrWhiteSpace(text) || text.Contains('\0'))
        {
            reader.Add(option, "expected a path to write to, such as out/ or model.safetensors");
            return null;
        }

        return Path.GetFullPath(text, workingDirectory);
    }
}
