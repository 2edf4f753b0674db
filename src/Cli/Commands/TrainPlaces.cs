using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Where <c>lcnn train</c> runs: checks <c>--cluster</c>, <c>--local-silos</c>, <c>--run-id</c> and <c>--detach</c> together.</summary>
internal sealed class TrainPlaces
{
    /// <summary>Why <c>--local-silos</c> is refused beside a cluster that is no Redis.</summary>
    public const string ClusterOfItsOwn = "starts a cluster of its own; leave out --cluster, or let its silos meet in a Redis";

    private const int MostSilos = 64;

    private readonly ArgumentReader _reader;
    private readonly TrainOptions _options;
    private readonly RunPlace.Cluster? _cluster;
    private readonly int? _silos;

    public TrainPlaces(ArgumentReader reader, TrainOptions options, CliServices services)
    {
        (_reader, _options) = (reader, options);
        _cluster = options.Cluster.Find(reader, services);
        _silos = (int?)reader.LongNumber(options.LocalSilos, 1, MostSilos);
        IsRemote = (_cluster is not null || reader.IsGiven(options.Cluster.Cluster)) && !reader.IsGiven(options.LocalSilos);
    }

    /// <summary>Whether the run's folders are those of other machines.</summary>
    public bool IsRemote { get; }

    /// <summary>The place for a spec.</summary>
    public RunPlace Choose(RunSpec spec)
    {
        if (_reader.IsGiven(_options.Detach) && !IsRemote)
        {
            _reader.Add(_options.Detach, "needs --cluster: elsewhere the run ends with this command");
        }

        if (_reader.IsGiven(_options.RunId) && !IsRemote)
        {
            _reader.Add(_options.RunId, "needs --cluster: elsewhere the run ends with this command, and nobody asks for it by its id");
        }

        if (_silos is null)
        {
            return IsRemote && _cluster is not null ? _cluster : new RunPlace.ThisProcess(spec.Workers);
        }

        if (_cluster is { Address.IsRedis: false } && _reader.IsGiven(_options.Cluster.Cluster))
        {
            _reader.Add(_options.LocalSilos, ClusterOfItsOwn);
        }

        var slots = (Math.Max(1, spec.Workers) + _silos.Value - 1) / _silos.Value;
        return new RunPlace.LocalSilos(_silos.Value, slots, _cluster is { Address.IsRedis: true } ? _cluster.Address : null);
    }
}
