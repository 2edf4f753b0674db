using System.Globalization;
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
}
