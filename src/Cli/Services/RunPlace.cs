using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Where runs run.</summary>
internal abstract record RunPlace
{
    /// <summary>In this process, with as many slots as there are workers.</summary>
    public sealed record ThisProcess(int Slots) : RunPlace
    {
        /// <summary>Folder of the sweep that runs there and is to outlive the process; null for none.</summary>
        public string? SweepMark { get; init; }
    }

    /// <summary>On a cluster that is there already.</summary>
    public sealed record Cluster(ClusterAddress Address) : RunPlace
    {
        /// <summary>What is shown to get in.</summary>
        public ClusterAccess Access { get; init; } = ClusterAccess.None;
    }

    /// <summary>On silo processes started for the run, which meet in a Redis or, without one, at the first of them.</summary>
    public sealed record LocalSilos(int Count, int SlotsEach, ClusterAddress? Redis) : RunPlace
    {
        /// <summary>Folder with a silo's certificates, which all of them and this program show; null for none.</summary>
        public string? TlsFolder { get; init; }
    }
}
