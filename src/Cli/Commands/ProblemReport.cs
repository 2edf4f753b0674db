using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Tells the user what is wrong with the arguments: a line each on standard error, one event with <c>--json</c>.</summary>
internal static class ProblemReport
{
    public static int Write(CliServices services, string command, IReadOnlyList<ArgumentProblem> problems, bool isJson)
    {
        if (isJson)
        {
            WriteEvent(services, string.Join('\n', problems), badInput: true);
        }

        foreach (var problem in problems)
        {
            services.Error.WriteLine($"error: {problem}");
        }

        services.Error.WriteLine($"Nothing was started. See '{$"lcnn {command}".TrimEnd()} --help'.");
        return ExitCode.BadInput;
    }

    /// <summary>The one event of a command that failed, for programs.</summary>
    public static void WriteEvent(CliServices services, string error, bool badInput) => services.Out.WriteLine(RunEventJson.Serialize(new RunFailed
    {
        Sequence = 1,
        Time = services.Clock.GetUtcNow(),
        Error = error,
        BadInput = badInput,
    }));
}
