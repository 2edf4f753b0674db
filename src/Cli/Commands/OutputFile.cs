using System.CommandLine;
using System.Text;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>A file that a command writes as a whole.</summary>
internal static class OutputFile
{
    /// <summary>The full path of the file that an option names, in a folder that is there; null when none is given.</summary>
    public static string? Read(ArgumentReader reader, Option<string> output, CliServices services)
    {
        if (reader.Text(output) is not { } text)
        {
            return null;
        }

        var path = string.IsNullOrWhiteSpace(text) ? "" : Path.GetFullPath(text, services.WorkingDirectory);
        if (path.Length == 0 || Directory.Exists(path))
        {
            reader.Add(output, $"expected the name of a file, got '{text}'");
        }
        else if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            reader.Add(output, $"the folder '{Path.GetDirectoryName(path)}' does not exist");
        }

        return path;
    }

    /// <summary>All or nothing: whoever opens the file sees what was there before, or all of this.</summary>
    /// <exception cref="BadInputException">It cannot be written.</exception>
    public static void Save(string path, Action<TextWriter> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new StreamWriter(temporary, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
            {
                write(file);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new BadInputException($"cannot write '{path}': {exception.Message}", exception);
        }
    }
}
