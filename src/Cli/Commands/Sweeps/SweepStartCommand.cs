using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Claims;

namespace Lcnn.Distributed.Cli.Commands.Sweeps;

/// <summary><c>lcnn sweep start</c>: starts a sweep file here, on silos of its own, or on a cluster.</summary>
internal static class SweepStartCommand
{
    private const int MostSilos = 64;

    public static Command Create(CliServices services)
    {
        var file = new Argument<string>("FILE") { Description = "The sweep, in YAML or JSON; 'lcnn sweep schema' prints its schema" };
        var cluster = new ClusterSwitches("this process");
        var silos = CommonOptions.Value("--local-silos", "n", "Silo processes to start on this machine for the sweep. Default: none, it runs in this process");
        var output = CommonOptions.Value("--out", "folder", "Folder of the sweep, empty or not there yet; on a cluster a path of the silos. Default: the file's, else sweeps/ and the time, on a cluster the sweep's id");
        var watch = CommonOptions.Flag("--watch", "On a cluster: follow the sweep to its end instead of printing its id. Elsewhere it is always followed");
        var sweepId = CommonOptions.Value("--sweep-id", "id", "On a cluster: the sweep's id. Where a sweep of this id is there, it is taken instead of starting another, and one of another file is refused. Default: a new one");
        var resume = CommonOptions.Value("--resume", "auto", "In this process: go on with the sweep in --out where it was left; 'auto': start it where there is none. Default: start");
        return SimpleCommand.Create(
            "start", "Start a sweep. Followed to its end it exits with 0 if a trial completed, else with 1.", services, [file, .. cluster.All, silos, output, resume, sweepId, watch],
            async (reader, writer, cancellationToken) =>
            {
                var path = reader.ExistingPath(file, services.WorkingDirectory);
                var count = (int?)reader.LongNumber(silos, 1, MostSilos);
                var remote = cluster.Find(reader, services);
                var address = remote?.Address;
                var folder = reader.Text(output);
                reader.ThrowIfProblems();
                var spec = await ReadAsync(path!, file, count is null && address is not null ? KnownNames.OfAnyCluster : KnownNames.BuiltIn, reader, cancellationToken);
                if (count is not null && address is { IsRedis: false } && reader.IsGiven(cluster.Cluster))
                {
                    reader.Add(silos, TrainPlaces.ClusterOfItsOwn);
                }

                var isRemote = count is null && address is not null;
                var id = reader.Id(sweepId);
                if (reader.IsGiven(sweepId) && !isRemote)
                {
                    reader.Add(sweepId, "needs --cluster: elsewhere the sweep is found by its folder, see --resume");
                }

                var hasFolder = (folder ?? spec.OutputDirectory).Length > 0;
                spec = Place(spec, folder, isRemote, services);
                var stored = new SweepResumption(reader, resume, output, (made, differences) => new ArgumentProblem(
                    file.Name, $"says something else than the sweep in '{made.Spec.OutputDirectory}': {string.Join("; ", differences)}. Give the file it was started with, or another --out")).Find(spec, isHere: count is null && !isRemote, hasFolder);
                if (!isRemote && stored is null && OutputFolder.HasEntries(spec.OutputDirectory))
                {
                    reader.Add(output, $"the folder '{spec.OutputDirectory}' is not empty; go on with the sweep in it with --resume, choose another, or remove what is in it");
                }

                reader.ThrowIfProblems();
                spec = spec.OutputDirectory.Length > 0 || isRemote ? spec : spec with { OutputDirectory = FreshFolder.Make(FreshName(services)) };
                RunPlace place = count is { } started ? new RunPlace.LocalSilos(started, (SlotsOf(spec) + started - 1) / started, address is { IsRedis: true } ? address : null)
                    : isRemote ? remote!
                    : new RunPlace.ThisProcess(SlotsOf(spec)) { SweepMark = spec.OutputDirectory };
                return isRemote && !reader.IsGiven(watch)
                    ? await SubmitAsync(spec, id, place, services, writer, cancellationToken)
                    : await FollowAsync(spec, id, place, stored?.SweepId, services, writer);
            });
    }

    private static async Task<SweepSpec> ReadAsync(string path, Argument<string> file, KnownNames names, ArgumentReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await SweepFile.ReadAsync(path, names, cancellationToken);
        }
        catch (InvalidSweepException exception)
        {
            throw new BadInputException(exception.Message, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            reader.Add(new ArgumentProblem(file.Name, exception.Message));
            reader.ThrowIfProblems();
            throw;
        }
    }

    // Here, folders are relative to where the command was typed; on a cluster, to where each silo was started.
    private static SweepSpec Place(SweepSpec spec, string? folder, bool isRemote, CliServices services)
    {
        // Images of one's own are where the user says, seen from here: silos find them there on a shared volume.
        spec = spec with
        {
            OutputDirectory = folder ?? spec.OutputDirectory,
            Base = Names.IsDatasetPath(spec.Base.Dataset) ? spec.Base with { Dataset = Path.GetFullPath(HomeFolder.Expand(spec.Base.Dataset), services.WorkingDirectory) } : spec.Base,
        };
        if (isRemote)
        {
            return spec;
        }

        return spec with
        {
            OutputDirectory = spec.OutputDirectory.Length > 0 ? Path.GetFullPath(spec.OutputDirectory, services.WorkingDirectory) : "", // made later, when nothing is wrong
            Base = spec.Base.DataDirectory is { } data ? spec.Base with { DataDirectory = Path.GetFullPath(data, services.WorkingDirectory) } : spec.Base,
        };
    }

    private static string FreshName(CliServices services) =>
        Path.Combine(services.WorkingDirectory, "sweeps", services.Clock.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture));

    private static int SlotsOf(SweepSpec spec) => spec.MaxConcurrent * spec.MostWorkers();

    private static async Task<int> SubmitAsync(
        SweepSpec spec, string? id, RunPlace place, CliServices services, ReportWriter writer, CancellationToken cancellationToken)
    {
        foreach (var warning in spec.Warnings())
        {
            services.Error.WriteLine($"warning: {warning}"); // to whoever follows a sweep, its log says it
        }

        await using var host = await services.OpenHost(place, cancellationToken);
        var sweep = await SweepSession.StartAsync(host.Launcher, spec, id, cancellationToken);
        writer.WriteLine(new SweepAction(sweep.Id, "submitted", SweepPhase.Running), sweep.Id);
        return ExitCode.Done;
    }

    private static async Task<int> FollowAsync(SweepSpec spec, string? id, RunPlace place, string? resumedId, CliServices services, ReportWriter writer)
    {
        if (place is not RunPlace.Cluster)
        {
            services.Output.WorkUnseen(writer.IsJson);
        }

        await using var display = SweepDisplay.Create(services, writer.IsJson);
        var session = new SweepSession(services, display)
        {
            AtEnd = (sweep, _) => place is RunPlace.Cluster ? Task.CompletedTask : WritePageAsync(sweep, spec.OutputDirectory, display),
        };
        return await session.StartAsync(spec, id, place, resumedId);
    }

    // The sweep is done, whether it can be drawn or not.
    private static async Task WritePageAsync(ISweepHandle sweep, string folder, ISweepDisplay display)
    {
        try
        {
            var path = Path.Combine(folder, RunReports.FileName);
            SweepReports.Write(await SweepExport.ReadAsync(sweep, CancellationToken.None), path);
            display.Written(path);
        }
        catch (Exception exception)
        {
            display.Notice($"there is no {RunReports.FileName}: {ErrorText.Describe(exception)}");
        }
    }
}
