using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>--cluster</c>: an address, or the file that holds it; else <c>LCNN_CLUSTER</c>, in the same two forms.</summary>
internal static class ClusterOption
{
    public const string Name = "--cluster";
    public const string VariableName = "LCNN_CLUSTER";

    public static Option<string> Create(string otherwise) => CommonOptions.Value(
        Name, "address",
        "The cluster: redis://[user[:password]@]host[:port][/db], rediss://..., lcnn://gateway[:port][,...] or localhost[:gateway port], or @FILE with one of these. "
        + $"Everybody on this machine can read a command line: with a password use @FILE or {VariableName}. Default: {VariableName}, else {otherwise}");

    /// <summary>The cluster asked for; null when there is none, or none that can be read.</summary>
    public static ClusterAddress? Read(ArgumentReader reader, Option<string> option, CliServices services)
    {
        var isGiven = reader.IsGiven(option);
        var text = isGiven ? reader.Text(option) : services.Variable(VariableName);
        if (string.IsNullOrWhiteSpace(text))
        {
            if (isGiven && text is not null)
            {
                reader.Add(option, "expected an address, got an empty one");
            }

            return null;
        }

        var source = isGiven ? "" : $"{VariableName}: ";
        try
        {
            var address = ClusterAddress.Parse(text.StartsWith('@') ? ReadFile(text[1..], services) : text);
            if (reader.IsTyped(option) && address.HasPassword && !text.StartsWith('@'))
            {
                services.Error.WriteLine($"warning: the password in {Name} is visible to everybody on this machine; use {Name} @FILE or {VariableName}");
            }

            return address;
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            reader.Add(option, source + exception.Message);
            return null;
        }
    }

    private static string ReadFile(string path, CliServices services)
    {
        var full = Path.GetFullPath(HomeFolder.Expand(path), services.WorkingDirectory);
        return !File.Exists(full) ? throw new IOException($"the file '{full}' does not exist")
            : File.ReadLines(full).FirstOrDefault(line => !string.IsNullOrWhiteSpace(line)) is { } line ? line
            : throw new IOException($"the file '{full}' is empty; expected an address in it");
    }
}
