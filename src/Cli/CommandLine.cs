using System.CommandLine;
using System.CommandLine.Invocation;
using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.Cli.Commands.Comparisons;
using Lcnn.Distributed.Cli.Commands.Demonstrations;
using Lcnn.Distributed.Cli.Commands.Sweeps;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli;

/// <summary>The whole command line: parses, runs one command, and turns whatever goes wrong into a line and an exit code.</summary>
internal static class CommandLine
{
    private static readonly string[] _answeredByClusters = ["train", "runs", "watch", "cancel", "fetch", "silos", "sweep", "ca"];
    private static readonly ParserConfiguration _parsing = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliServices services)
    {
        try
        {
            return await InvokeAsync(Parse(arguments, services), services);
        }
        catch (Exception exception) when (ErrorText.IsBadInput(exception))
        {
            services.Error.WriteLine($"error: {exception.Message}");
            return ExitCode.BadInput;
        }
        catch (Exception exception)
        {
            services.Error.WriteLine(services.IsDebugging ? exception.ToString() : $"error: {ErrorText.Describe(exception)}");
            return ExitCode.Failed;
        }
    }

    /// <summary>What is asked for, of whatever command.</summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments, CliServices services) => Create(services).Parse(arguments, _parsing);

    private static RootCommand Create(CliServices services)
    {
        var root = new RootCommand("lcnn trains low-curvature neural networks on many workers, with the same result as on one.");
        All(services).Where(command => !services.IsClient || _answeredByClusters.Contains(command.Name)).ToList().ForEach(root.Subcommands.Add);
        return root;
    }

    private static IEnumerable<Command> All(CliServices services) =>
    [
        TrainCommand.Create(services),
        SiloCommand.Create(services),
        RunsCommand.Create(services),
        WatchCommand.Create(services),
        CancelCommand.Create(services),
        FetchCommand.Create(services),
        SilosCommand.Create(services),
        SweepCommand.Create(services),
        CompareCommand.Create(services),
        ReportCommand.Create(services),
        EvalCommand.Create(services),
        PredictCommand.Create(services),
        ImportCommand.Create(services),
        ExportCommand.Create(services),
        DemoCommand.Create(services),
        DoctorCommand.Create(services),
        DatasetsCommand.Create(services),
        DataCommand.Create(services),
        ArchCommand.Create(services),
        CaCommand.Create(services),
        BenchCommand.Create(services),
    ];

    // Errors do not stop a command here: each reads its arguments with ArgumentReader and names all that is wrong at once.
    private static async Task<int> InvokeAsync(ParseResult parsed, CliServices services)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.Errors.Count == 0 && parsed.Action != command.Action)
        {
            var code = await parsed.InvokeAsync(new InvocationConfiguration // help or version
            {
                Output = services.Out,
                Error = services.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
            return code == ExitCode.Done ? ExitCode.OfShown(services.Output) : code;
        }

        return command.Action is AsynchronousCommandLineAction action
            ? await action.InvokeAsync(parsed)
            : ProblemReport.Write(services, CommandPath(parsed), [.. ParseProblems.Of(parsed)], IsJson(parsed));
    }

    private static bool IsJson(ParseResult parsed) => parsed.UnmatchedTokens.Contains("--json");

    private static string CommandPath(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name;
}
