using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The frame of the commands that ask a cluster once.</summary>
internal static class ClusterCommand
{
    public static Command Create(
        string name, string description, CliServices services, IEnumerable<Symbol> symbols,
        Func<ArgumentReader, ReportWriter, IRunLauncher, CancellationToken, Task<int>> run)
    {
        var cluster = new ClusterSwitches("localhost");
        return SimpleCommand.Create(name, description, services, [.. symbols, .. cluster.All], async (reader, writer, cancellationToken) =>
        {
            var place = cluster.Place(reader, services);
            reader.ThrowIfProblems();
            await using var host = await services.OpenHost(place, cancellationToken);
            return await run(reader, writer, host.Launcher, cancellationToken);
        });
    }

    public static Argument<string> Run() => new("RUN") { Description = "Id of the run, as 'lcnn runs' lists it" };
}
