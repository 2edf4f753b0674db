using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Logs of hosts in this process: one line each on standard error, traces only when debugging.</summary>
internal static class ConsoleLogging
{
    public static ILoggingBuilder AddLcnnConsole(this ILoggingBuilder logging, bool isDebugging, LogLevel own = LogLevel.Warning)
    {
        // What matters of the libraries' logs is said again by us, by name and without stack traces.
        logging.SetMinimumLevel(isDebugging ? LogLevel.Information : LogLevel.None).AddFilter("Lcnn", isDebugging ? LogLevel.Debug : own);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return isDebugging
            ? logging.AddSimpleConsole(console => console.SingleLine = true)
            : logging.AddConsole(console => console.FormatterName = LineFormatter.FormatterName).AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
    }
}
