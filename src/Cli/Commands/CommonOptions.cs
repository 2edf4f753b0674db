using System.CommandLine;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>How options are made here.</summary>
internal static class CommonOptions
{
    // Zero values are allowed here and refused by ArgumentReader: else '--out --json' would take '--json' for a folder.
    public static Option<string> Value(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.ZeroOrOne };

    public static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>Whether the option's value is the path of a folder or file.</summary>
    public static bool TakesPath(Option option) => option.HelpName is "folder" or "file";

    // A flag has a result even when it was not typed: only an explicit one counts.
    public static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    public static Option<bool> Json() =>
        Flag("--json", "Write one JSON object a line to standard output and nothing else. Default: text for people");

    public static Option<string> DataDirectory() =>
        Value("--data-dir", "folder", "Folder with the data set's files. Default: the usual places, see 'lcnn datasets'");

    public static Option<string> Device() =>
        Value("--device", "name", "What computes: cpu, or a GPU as cuda:0. Default: cpu");

    public static Option<string> Threads() =>
        Value("--threads", "n", "Threads that compute. Default: one per core");
}
