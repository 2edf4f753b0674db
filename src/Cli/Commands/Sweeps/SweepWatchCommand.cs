using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary><c>lcnn sweep watch</c>: follows a sweep of a cluster.</summary>
internal static class SweepWatchCommand
{
    public static Command Create(CliServices services)
    {
        var sweep = SweepCommand.Sweep();
        var cluster = new ClusterSwitches("localhost");
        return SimpleCommand.Create(
            "watch", "Follow a sweep from its beginning to its end; exits with 0 if a trial completed, else with 1. Ctrl-C stops watching, not the sweep.", services, [sweep, .. cluster.All],
            async (reader, writer, _) =>
            {
                var id = reader.Value(sweep);
                var place = cluster.Place(reader, services);
                reader.ThrowIfProblems();
                await using var display = SweepDisplay.Create(services, writer.IsJson);
                return await new SweepSession(services, display).WatchAsync(id, place);
            });
    }
}
