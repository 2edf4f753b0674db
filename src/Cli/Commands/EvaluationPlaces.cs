using System.CommandLine;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Where <c>lcnn eval</c> measures: checks <c>--cluster</c>, <c>--local-silos</c> and <c>--workers</c> together.</summary>
internal sealed class EvaluationPlaces
{
    private const int MostWorkers = 1024;
    private const int MostSilos = 64;

    private readonly ClusterSwitches _cluster = new("in this process");
    private readonly Option<string> _silos = CommonOptions.Value("--local-silos", "n", "Measure on n silo processes started on this machine. Default: in this process");
    private readonly Option<string> _workers = CommonOptions.Value("--workers", "n", "Measure on n workers; never changes a figure. Default: without workers; with --local-silos one each, with --cluster as many as trained it");

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All => [_workers, _silos, .. _cluster.All];

    /// <summary>Whether <c>--cluster</c> is typed: a variable that names one leaves local files local.</summary>
    public bool IsRemote(ArgumentReader reader) => reader.IsTyped(_cluster.Cluster);

    /// <summary>The workers; null for none.</summary>
    /// <param name="threads">As given.</param>
    public EvaluationPlace? Read(ArgumentReader reader, int? threads, CliServices services)
    {
        var (workers, silos) = ((int?)reader.LongNumber(_workers, 1, MostWorkers), (int?)reader.LongNumber(_silos, 1, MostSilos));
        if (IsRemote(reader))
        {
            if (silos is not null)
            {
                reader.Add(_silos, "starts a cluster of its own; leave out --cluster");
            }

            return _cluster.Find(reader, services) is { } cluster ? new EvaluationPlace(cluster, workers, threads ?? 0) : null;
        }

        if (silos is null && workers is null)
        {
            return null;
        }

        var count = workers ?? silos!.Value;
        RunPlace place = silos is { } processes ? new RunPlace.LocalSilos(processes, (count + processes - 1) / processes, null) : new RunPlace.ThisProcess(count);
        return new EvaluationPlace(place, count, threads ?? Math.Max(1, services.ProcessorCount / count));
    }

    /// <summary>Refuses options that workers have no use for.</summary>
    public static void Refuse(ArgumentReader reader, EvaluationPlace? place, params (Option Option, string Reason)[] options)
    {
        foreach (var (option, reason) in options.Where(option => place is not null && reader.IsGiven(option.Option)))
        {
            reader.Add(option, reason);
        }
    }
}
