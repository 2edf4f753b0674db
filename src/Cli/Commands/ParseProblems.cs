using System.CommandLine;
using System.CommandLine.Parsing;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>What the parser did not understand, in our words.</summary>
internal static class ParseProblems
{
    public static IEnumerable<ArgumentProblem> Of(ParseResult parsed) =>
        [.. UnknownTokens(parsed), .. parsed.Errors.Select(error => Translate(parsed, error)).OfType<ArgumentProblem>()];

    private static IEnumerable<ArgumentProblem> UnknownTokens(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var mayBeValue = false; // the word after an unknown option is most likely its value
        foreach (var token in parsed.UnmatchedTokens)
        {
            if (token.StartsWith('-'))
            {
                var name = token.Split('=', 2)[0];
                yield return new ArgumentProblem(name, $"unknown option{Spelling.Hint(name, OptionNames(parsed))}");
                mayBeValue = !token.Contains('=', StringComparison.Ordinal);
            }
            else if (mayBeValue)
            {
                mayBeValue = false;
            }
            else if (command.Subcommands.Count > 0)
            {
                yield return new ArgumentProblem(token, $"unknown command{Spelling.Hint(token, CommandNames(command))}");
                yield break; // what follows belongs to a command that we do not know
            }
            else
            {
                yield return new ArgumentProblem(token, "unexpected argument");
            }
        }
    }

    private static ArgumentProblem? Translate(ParseResult parsed, ParseError error)
    {
        var symbol = error.SymbolResult is ArgumentResult { Parent: OptionResult owner } ? owner : error.SymbolResult;
        return symbol switch
        {
            OptionResult { Tokens.Count: 0 } option => new ArgumentProblem(option.Option.Name, "expected a value"),
            OptionResult { Tokens.Count: > 1 } option => new ArgumentProblem(
                option.Option.Name, $"expected one value, got {option.Tokens.Count}: {string.Join(", ", option.Tokens.Select(token => token.Value))}"),
            OptionResult option => new ArgumentProblem(option.Option.Name, error.Message),
            _ when parsed.UnmatchedTokens.Count > 0 && error.Message.Contains('\'', StringComparison.Ordinal) => null, // named above
            ArgumentResult argument => new ArgumentProblem(argument.Argument.Name, "expected a value"),
            CommandResult { Command.Subcommands.Count: > 0 } command when parsed.UnmatchedTokens.Count == 0 => new ArgumentProblem(
                command.Command is RootCommand ? "lcnn" : command.Command.Name, $"expected one of the commands {string.Join(", ", CommandNames(command.Command))}"),
            CommandResult command => parsed.UnmatchedTokens.Count > 0 ? null : new ArgumentProblem(command.Command.Name, error.Message),
            _ => new ArgumentProblem(parsed.CommandResult.Command.Name, error.Message),
        };
    }

    private static List<string> CommandNames(Command command) => [.. command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name)];

    private static List<string> OptionNames(ParseResult parsed) =>
        [.. parsed.CommandResult.Command.Options.Where(option => !option.Hidden).Select(option => option.Name)];
}
