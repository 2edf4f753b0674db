using System.CommandLine;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The frame of the commands that report once: read the arguments, do the work, print.</summary>
internal static class SimpleCommand
{
    public static Command Create(
        string name, string description, CliServices services, IEnumerable<Symbol> symbols,
        Func<ArgumentReader, ReportWriter, CancellationToken, Task<int>> run)
    {
        var json = CommonOptions.Json();
        var command = new Command(name, description);
        foreach (var symbol in symbols.Append(json))
        {
            if (symbol is Option option)
            {
                command.Options.Add(option);
            }
            else
            {
                command.Arguments.Add((Argument)symbol);
            }
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var isJson = CommonOptions.IsGiven(parsed, json);
            var reader = new ArgumentReader(parsed);
            try
            {
                var writer = new ReportWriter(services, isJson);
                var code = await run(reader, writer, cancellationToken);
                return code == ExitCode.Done && writer.HasShown ? ExitCode.OfShown(services.Output) : code;
            }
            catch (ArgumentsRefusedException refused)
            {
                return ProblemReport.Write(services, Path(command), refused.Problems, isJson);
            }
            catch (Exception exception) when (isJson && exception is not OperationCanceledException)
            {
                ProblemReport.WriteEvent(services, ErrorText.Describe(exception), ErrorText.IsBadInput(exception));
                throw; // for people, and the exit code
            }
        });
        return command;
    }

    private static string Path(Command command) =>
        string.Join(' ', command.Parents.OfType<Command>().Where(parent => parent is not RootCommand).Select(parent => parent.Name).Append(command.Name));
}
