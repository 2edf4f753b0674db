using Lcnn.Distributed.Cli;
using Lcnn.Distributed.Cli.Commands;
using Lcnn.Distributed.Cli.Hosting;
using Lcnn.Distributed.Cli.Output;
using Lcnn.Distributed.Cli.Signals;

InheritedSignals.Read();
var output = new OutputHealth();
StandardStreams.Install(output);
var services = ProcessServices.Create(output);

// The last resort of threads that nobody awaits: one line instead of the runtime's stack trace.
AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
{
    var exception = (Exception)unhandled.ExceptionObject;
    services.Error.WriteLine(services.IsDebugging ? exception.ToString() : $"error: {ErrorText.Describe(exception)}");
    services.ExitNow(ExitCode.Failed);
};

return await CommandLine.RunAsync(args, services);
