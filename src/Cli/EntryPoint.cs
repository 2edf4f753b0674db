using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.Cli.Hosting;
using Lcnn.Distributed.Cli.Output;
using Lcnn.Distributed.Cli.Signals;

namespace Lcnn.Distributed.Cli;

/// <summary>Where the process begins, of the whole command and of the one for clusters.</summary>
internal static class EntryPoint
{
    /// <summary>Runs one command and returns the exit code.</summary>
    /// <param name="arguments">What was typed.</param>
    /// <param name="isClient">Whether nothing is computed here: the program has no libtorch.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, bool isClient)
    {
        InheritedSignals.Read();
        var output = new OutputHealth();
        StandardStreams.Install(output);
        var services = ProcessServices.Create(output, isClient);

        // The last resort of threads that nobody awaits: one line instead of the runtime's stack trace.
        AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
        {
            var exception = (Exception)unhandled.ExceptionObject;
            services.Error.WriteLine(services.IsDebugging ? exception.ToString() : $"error: {ErrorText.Describe(exception)}");
            services.ExitNow(ExitCode.Failed);
        };

        return await CommandLine.RunAsync(arguments, services);
    }
}
