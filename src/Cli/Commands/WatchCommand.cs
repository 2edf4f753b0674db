using System.CommandLine;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn watch</c>: follows a run of a cluster, and exits as the run did.</summary>
internal static class WatchCommand
{
    public static Command Create(CliServices services)
    {
        var run = ClusterCommand.Run();
        var (cluster, recording) = (new ClusterSwitches("localhost"), new RecordingSwitches());
        return SimpleCommand.Create(
            "watch", "Follow a run from its beginning to its end and exit as it did. Ctrl-C stops watching, not the run.", services, [run, .. cluster.All, .. recording.All],
            async (reader, writer, _) =>
            {
                var id = reader.Value(run);
                var place = cluster.Place(reader, services);
                var tools = recording.Read(reader, services);
                reader.ThrowIfProblems();
                await using var display = RunDisplay.Create(services, writer.IsJson, tools);
                return await new RunSession(services, display).WatchAsync(id, place);
            });
    }
}
