using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>A log entry as people read it: time, level and message, and of an exception its message.</summary>
internal sealed class LineFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lcnn";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (IsOrleansWordOfAStoreThatIsAway(logEntry))
        {
            return;
        }

        var level = logEntry.LogLevel switch
        {
            LogLevel.Warning => "warning: ",
            LogLevel.Error or LogLevel.Critical => "error: ",
            _ => "",
        };
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var cause = logEntry.Exception is { } exception ? $": {exception.Message}" : "";
        var time = DateTime.Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        textWriter.WriteLine($"{time} {level}{$"{message}{cause}".ReplaceLineEndings(" ")}");
    }

    // Written for each grain in its own name; that the store is away is said once, by us.
    private static bool IsOrleansWordOfAStoreThatIsAway<TState>(in LogEntry<TState> logEntry) =>
        logEntry.Exception is StoreAwayException
        && logEntry.Formatter(logEntry.State, null).StartsWith("Error from storage provider", StringComparison.Ordinal);
}
