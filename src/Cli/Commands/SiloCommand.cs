using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Cli.Signals;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn silo</c>: this machine's share of a cluster, until it is told to stop.</summary>
internal static class SiloCommand
{
    public static Command Create(CliServices services)
    {
        var switches = new SiloSwitches();
        return SimpleCommand.Create(
            "silo", "Run a silo of a cluster until Ctrl-C, SIGTERM or SIGHUP, which hand its work over first.", services, switches.All,
            async (reader, writer, _) =>
            {
                var request = new SiloArguments(reader, switches, services).Read();
                services.Output.WorkUnseen(writer.IsJson);
                var signals = reader.IsGiven(switches.UntilInputEnds) ? services.ParentSignals : services.Signals;
                var exitCode = await RunAsync(request, signals, services, writer);
                services.ExitNow(exitCode);
                return exitCode;
            });
    }

    private static async Task<int> RunAsync(SiloRequest request, ISignalSource signals, CliServices services, ReportWriter writer)
    {
        using var stop = new StopRequest(signals, services.ExitNow);
        try
        {
            var wasAsked = await services.SiloRunner.RunAsync(
                request, ready => writer.WriteLine(ready, Describe(ready)), fault => Fail(fault, services, writer), stop.Token);
            if (wasAsked)
            {
                return ExitCode.Done;
            }
        }
        catch (OperationCanceledException) when (stop.First is not null)
        {
            return ExitCode.Done; // stopped before it was ready
        }
        catch (Exception exception) when (!services.IsDebugging)
        {
            Fail(ErrorText.Describe(exception), services, writer);
        }

        return ExitCode.Failed;
    }

    private static void Fail(string error, CliServices services, ReportWriter writer)
    {
        if (writer.IsJson)
        {
            ProblemReport.WriteEvent(services, error, badInput: false);
        }

        services.Error.WriteLine($"error: {error}");
    }

    private static string Describe(SiloReady ready) => $"silo ready: {ready.Silo} slots={ready.Slots} gateway={ready.GatewayPort}{(ready.HttpPort is { } http ? $" http={http}" : "")}";
}
