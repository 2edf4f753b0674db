using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Silo.Storage;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary>The frame of the commands that read a sweep: one of a cluster by its id, or one that runs or ran in a process of its own by its folder.</summary>
internal static class SweepReadCommand
{
    public static Command Create(
        string name, string description, CliServices services, IEnumerable<Symbol> symbols,
        Func<ArgumentReader, ReportWriter, Func<Func<ISweepHandle, Task<int>>, Task<int>>, CancellationToken, Task<int>> run)
    {
        var sweep = new Argument<string>("SWEEP") { Description = "Id of the sweep, as 'lcnn sweep list' shows it, or the folder of one that runs or ran in a process of its own" };
        var cluster = new ClusterSwitches("localhost");
        return SimpleCommand.Create(name, description, services, [sweep, .. symbols, .. cluster.All], (reader, writer, cancellationToken) =>
        {
            var (id, stored) = Find(reader, sweep, services);
            var place = stored is null ? cluster.Place(reader, services) : null;
            return run(reader, writer, async read =>
            {
                if (stored is not null)
                {
                    return await read(stored);
                }

                await using var host = await services.OpenHost(place!, cancellationToken);
                return await read(await host.Launcher.FindSweepAsync(id, cancellationToken));
            }, cancellationToken);
        });
    }

    // An id has no slash; a folder of a cluster's sweep says which one it is.
    private static (string Id, ISweepHandle? Stored) Find(ArgumentReader reader, Argument<string> sweep, CliServices services)
    {
        var text = reader.Value(sweep);
        if (text.Length == 0 || text.Any(char.IsControl)) // a problem already
        {
            return (text, null);
        }

        var folder = Path.GetFullPath(HomeFolder.Expand(text), services.WorkingDirectory);
        try
        {
            if (SweepRecords.Read(folder) is { } stored)
            {
                return ("", new StoredSweepHandle(stored));
            }

            if (SweepRecords.IdOf(folder) is { } id)
            {
                return (id, null);
            }

            if (Path.IsPathRooted(text) || text.Contains('/', StringComparison.Ordinal) || text is "." or "..")
            {
                reader.Add(new ArgumentProblem(sweep.Name, Directory.Exists(folder) ? $"the folder '{folder}' holds no record of a sweep" : $"the folder '{folder}' does not exist"));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoredStateException)
        {
            reader.Add(new ArgumentProblem(sweep.Name, $"the sweep in '{folder}' cannot be read: {exception.Message}"));
        }

        return (text, null);
    }
}
