using System.CommandLine;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn cancel</c>: stops a run, which keeps a snapshot.</summary>
internal static class CancelCommand
{
    public static Command Create(CliServices services)
    {
        var run = ClusterCommand.Run();
        return ClusterCommand.Create(
            "cancel", "Stop a run after its current step; it keeps a snapshot.", services, [run],
            async (reader, writer, launcher, cancellationToken) =>
            {
                var id = reader.Value(run);
                reader.ThrowIfProblems();
                var handle = await launcher.FindAsync(id, cancellationToken);
                await handle.CancelAsync("cancelled by 'lcnn cancel'", cancellationToken);
                writer.WriteLine(new RunAction(id, "cancelling"), $"{id} stops after its current step and keeps a snapshot");
                return ExitCode.Done;
            });
    }
}

/// <summary>What was done to a run.</summary>
internal sealed record RunAction(string RunId, [property: JsonIgnore] string What) : Report
{
    protected override string Kind => What;
}
