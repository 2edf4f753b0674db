using System.Globalization;
using Lcnn.Distributed.Cli.Commands.Sweeps;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Claims;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary>Where a comparison runs, and where its files are.</summary>
internal sealed class ComparePlaces
{
    private const int MostSilos = 64;

    private readonly ArgumentReader _reader;
    private readonly CompareOptions _options;
    private readonly CliServices _services;
    private readonly int? _silos;
    private readonly RunPlace.Cluster? _cluster;

    public ComparePlaces(ArgumentReader reader, CompareOptions options, CliServices services)
    {
        (_reader, _options, _services) = (reader, options, services);
        _silos = (int?)reader.LongNumber(options.LocalSilos, 1, MostSilos);
        _cluster = options.Cluster.Find(reader, services);
        if (_silos is not null && _cluster is { Address.IsRedis: false } && reader.IsGiven(options.Cluster.Cluster))
        {
            reader.Add(options.LocalSilos, TrainPlaces.ClusterOfItsOwn);
        }
    }

    /// <summary>Whether it runs on a cluster that is there already.</summary>
    public bool IsRemote => _silos is null && _cluster is not null;

    /// <summary>This process, with slots for all networks that are trained at once.</summary>
    public static RunPlace.ThisProcess ThisProcess(SweepSpec spec) => new(SlotsOf(spec)) { SweepMark = spec.OutputDirectory };

    /// <summary>The request with its place and its folder.</summary>
    /// <exception cref="ArgumentsRefusedException">The folder cannot be used.</exception>
    public CompareRequest Choose(CompareRequest request)
    {
        var given = _reader.Text(_options.Out);
        if (given is not null && string.IsNullOrWhiteSpace(given))
        {
            _reader.Add(_options.Out, $"expected a folder, got '{given}'");
            _reader.ThrowIfProblems();
        }

        var folder = given is null ? "" : Path.GetFullPath(given, _services.WorkingDirectory);
        if (folder.Length > 0 && OutputFolder.WhyNotWritable(folder) is { } problem)
        {
            _reader.Add(_options.Out, problem);
            _reader.ThrowIfProblems();
        }

        return IsRemote ? OnCluster(request, folder) : Here(request, folder);
    }

    private CompareRequest Here(CompareRequest request, string folder)
    {
        var spec = request.Spec with { OutputDirectory = folder };
        var resumption = new SweepResumption(_reader, _options.Resume, _options.Out, (stored, differences) => Another(stored.Spec.OutputDirectory, differences));
        var stored = resumption.Find(spec, isHere: _silos is null, hasFolder: folder.Length > 0);
        RefuseOthers(folder, isOurs: stored is not null);
        spec = folder.Length > 0 ? spec : spec with { OutputDirectory = FreshFolder.Make(FreshName()) };
        return request with
        {
            Spec = spec,
            Folder = spec.OutputDirectory,
            Stored = stored,
            Place = _silos is { } count
                ? new RunPlace.LocalSilos(count, (SlotsOf(spec) + count - 1) / count, _cluster is { Address: { IsRedis: true } redis } ? redis : null)
                : ThisProcess(spec),
        };
    }

    private CompareRequest OnCluster(CompareRequest request, string folder)
    {
        var (isGiven, word) = (_reader.IsGiven(_options.Resume), _reader.OptionalText(_options.Resume));
        if (word is not (null or IRunPaths.Auto))
        {
            _reader.Add(_options.Resume, $"expected '{IRunPaths.Auto}' or no value, got '{word}'; the folder is said by --out");
        }

        if (isGiven && folder.Length == 0)
        {
            _reader.Add(_options.Resume, "needs --out with the folder of the comparison");
        }

        var stored = isGiven && folder.Length > 0 ? ReadStored(folder) : null;
        if (isGiven && stored is null && word is null)
        {
            _reader.Add(_options.Resume, $"the folder '{folder}' holds no comparison to go on with; start one without --resume, or with --resume {IRunPaths.Auto}");
        }

        if (stored is not null && SweepDifferences.Of(stored.Spec, request.Spec) is { Count: > 0 } differences)
        {
            _reader.Add(Another(folder, differences));
        }

        RefuseOthers(folder, isOurs: stored is not null);
        folder = folder.Length > 0 ? folder : FreshFolder.Make(FreshName());
        return request with { Folder = folder, Place = _cluster!, SweepId = stored?.SweepId ?? $"compare-{Guid.NewGuid():n}" };
    }

    private ClusterComparison? ReadStored(string folder)
    {
        try
        {
            return ClusterComparison.Read(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _reader.Add(_options.Out, exception.Message);
            _reader.ThrowIfProblems();
            throw;
        }
    }

    private ArgumentProblem Another(string folder, IReadOnlyList<string> differences) => new(
        _options.Out.Name, $"'{folder}' holds another comparison: {string.Join("; ", differences)}. Give the options it was started with, or another folder");

    private void RefuseOthers(string folder, bool isOurs)
    {
        if (folder.Length > 0 && !isOurs && OutputFolder.HasEntries(folder))
        {
            _reader.Add(_options.Out, $"the folder '{folder}' is not empty; go on with the comparison in it with --resume, choose another, or remove what is in it");
        }

        _reader.ThrowIfProblems();
    }

    private string FreshName() =>
        Path.Combine(_services.WorkingDirectory, "comparisons", _services.Clock.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture));

    private static int SlotsOf(SweepSpec spec) => spec.MaxConcurrent * spec.MostWorkers();
}
