using System.ComponentModel.DataAnnotations;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Grains.Placement;

namespace Lcnn.Distributed.Silo.Configuration;

/// <summary>How one silo runs. Everything has a default that works on one machine.</summary>
public sealed class SiloOptions : IValidatableObject
{
    private const int DefaultSiloPort = 11111;
    private const int DefaultStreamPort = 11112;

    /// <summary>The silo's name in lists and messages.</summary>
    [Required(ErrorMessage = "expected a name, got an empty one"), StringLength(100, ErrorMessage = "expected at most 100 characters")]
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>Workers that it runs at the same time; null for one on each GPU, without GPUs one on each core.</summary>
    [Range(1, 1024, ErrorMessage = "expected 1 to 1024")]
    public int? Slots { get; set; }

    /// <summary>Devices that the slots are on: "auto" for all GPUs or else the processor, "cpu", or "cuda:0,cuda:1" and so on.</summary>
    [DeviceNames]
    public string Devices { get; set; } = PlacementOptions.MachineDevices;

    /// <summary>Address or host name under which other silos and clients reach it; empty chooses one.</summary>
    [NetworkAddress]
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>Address or host name at which it listens; empty for the advertised address, or all where that is not this machine's own.</summary>
    [NetworkAddress]
    public string ListenAddress { get; set; } = "";

    /// <summary>Port for other silos; 0 takes a free one.</summary>
    [Range(0, 65535, ErrorMessage = "expected 0 to 65535")]
    public int SiloPort { get; set; } = DefaultSiloPort;

    /// <summary>Port for clients; 0 takes a free one.</summary>
    [Range(0, 65535, ErrorMessage = "expected 0 to 65535")]
    public int GatewayPort { get; set; } = ClusterAddress.DefaultGatewayPort;

    /// <summary>Port for gradients; 0 takes a free one. Null for 11112, and for a free one beside a <see cref="SiloPort"/> that is not the default.</summary>
    [Range(0, 65535, ErrorMessage = "expected 0 to 65535")]
    public int? StreamPort { get; set; }

    /// <summary>Port for the dashboard, the API, probes and metrics over plain HTTP; 0 takes a free one. Null for none.</summary>
    [Range(0, 65535, ErrorMessage = "expected 0 to 65535")]
    public int? HttpPort { get; set; }

    /// <summary>Without Redis: silo port of the first silo on this machine, which all others join.</summary>
    [Range(1, 65535, ErrorMessage = "expected 1 to 65535")]
    public int PrimaryPort { get; set; } = DefaultSiloPort;

    /// <summary>Without Redis: whether the cluster ends with the process that started this one.</summary>
    public bool EndsWithParent { get; set; }

    /// <summary>Which of the clusters that share a Redis.</summary>
    [Required(ErrorMessage = "expected a name, got an empty one"), RegularExpression(@"[A-Za-z0-9._-]+", ErrorMessage = "expected letters, digits, '-', '_' and '.'")]
    public string ClusterId { get; set; } = ClusterAddress.DefaultClusterId;

    /// <summary>What stays the same when a cluster is rebuilt.</summary>
    [Required(ErrorMessage = "expected a name, got an empty one"), RegularExpression(@"[A-Za-z0-9._-]+", ErrorMessage = "expected letters, digits, '-', '_' and '.'")]
    public string ServiceId { get; set; } = ClusterIdentity.DefaultServiceId;

    /// <summary>Without Redis: folder in which this silo, alone in its cluster, keeps its records for the next; null keeps them in memory.</summary>
    public string? RecordsFolder { get; set; }

    /// <summary>Folder with <c>tls.crt</c>, <c>tls.key</c> and <c>ca.crt</c>; with it only silos and clients with certificates of that authority get in. Null: whoever reaches the ports.</summary>
    public string? TlsFolder { get; set; }

    /// <summary>File of lines <c>view SECRET</c> and <c>operate SECRET</c>: clients may show such a secret in place of a certificate. Null for none.</summary>
    public string? TokenFile { get; set; }

    /// <summary>Whether the silo may be reached from other machines without <see cref="TlsFolder"/>: then whoever reaches its ports may do anything with it.</summary>
    public bool Insecure { get; set; }

    /// <summary>Folders under which runs and sweeps may read and write, separated by commas; empty for all that the silo's user can.</summary>
    public string RunRoots { get; set; } = "";

    /// <summary>A worker that makes no progress for so long counts as lost; one shard of a large network may take a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "expected one second to one day")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a silo that starts waits for a Redis that is not there yet, or whose name is not known yet.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "expected 0 seconds to one day")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>How long <see cref="ISiloDrain"/> may take when the silo leaves; Orleans' own goodbye takes up to 5 seconds more.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "expected 0 seconds to one day")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(9);

    /// <summary>How long after its end the log of a run or sweep stays whole; then its steps go.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "10675199.02:48:05.4775807", ErrorMessage = "expected 0 hours or more")]
    public TimeSpan KeepSteps { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The same for a run of a sweep's trial; its epochs stay, as those of every run.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "10675199.02:48:05.4775807", ErrorMessage = "expected 0 hours or more")]
    public TimeSpan KeepTrialSteps { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The port for gradients, the default put in.</summary>
    public int UsedStreamPort => StreamPort ?? (SiloPort == DefaultSiloPort ? DefaultStreamPort : 0);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        new PlacementOptions { Slots = Slots, Devices = Devices }.Validate(validationContext);
}
