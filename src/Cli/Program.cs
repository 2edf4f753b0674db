using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.Cli.Hosting;

InheritedSignals.HearInterrupts();
var services = ProcessServices.Create();

// The last resort of threads that nobody awaits: one line instead of the runtime's stack trace.
AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
{
    var exception = (Exception)unhandled.ExceptionObject;
    services.Error.WriteLine(services.IsDebugging ? exception.ToString() : $"error: {CommandLine.Describe(exception)}");
    services.ExitNow(ExitCode.Failed);
};

return await CommandLine.RunAsync(args, services);
