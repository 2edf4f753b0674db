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
        var cluster = ClusterOption.Create("localhost");
        return SimpleCommand.Create(name, description, services, [.. symbols, cluster], async (reader, writer, cancellationToken) =>
        {
            var place = Place(reader, cluster, services);
            reader.ThrowIfProblems();
            await using var host = await services.OpenHost(place, cancellationToken);
            return await run(reader, writer, host.Launcher, cancellationToken);
        });
    }

    public static RunPlace Place(ArgumentReader reader, Option<string> cluster, CliServices services) =>
        new RunPlace.Cluster(ClusterOption.Read(reader, cluster, services) ?? ClusterAddress.Localhost());

    public static Argument<string> Run() => new("RUN") { Description = "Id of the run, as 'lcnn runs' lists it" };
}
