using System.CommandLine;
using Lcnn.Distributed.Cli.Signals;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The options of <c>lcnn silo</c>.</summary>
internal sealed class SiloSwitches
{
    public Option<string> Slots { get; } = Value("--slots", "n", "Workers that this silo runs at the same time. Default: one on each GPU, without GPUs one on each core");
    public Option<string> Devices { get; } = Value("--devices", "list", "Devices of the slots: auto, cpu, or GPUs as cuda:0,cuda:1. Default: auto, all GPUs or else the processor");
    public Option<string> Advertise { get; } = Value("--advertise", "address", "Address under which other silos and clients reach this one. Default: the one from which it reaches Redis, without Redis 127.0.0.1");
    public Option<string> Listen { get; } = Value("--listen", "address", "Address at which it listens, such as 0.0.0.0. Default: the advertised one, or all where that is not this machine's own");
    public Option<string> SiloPort { get; } = Value("--silo-port", "port", "Port for other silos, 0 for any. Default: 11111");
    public Option<string> GatewayPort { get; } = Value("--gateway-port", "port", "Port for clients, 0 for any. Default: 30000, or that of --cluster localhost:PORT");
    public Option<string> StreamPort { get; } = Value("--stream-port", "port", "Port for gradients, 0 for any. Default: 11112, any beside another --silo-port");
    public Option<string> HttpPort { get; } = Value("--http-port", "port", "Port for the dashboard (/), the API (/api/v1), probes (/healthz/live, /healthz/ready) and metrics (/metrics) over plain HTTP, 0 for any. Default: none");
    public Option<string> PrimaryPort { get; } = Value("--primary-port", "port", "Without Redis: --silo-port of the first silo, which the others join. Default: 11111");
    public Option<string> Cluster { get; } = ClusterOption.Create("a cluster on this machine without Redis");
    public Option<string> Tls { get; } = Value(ClusterSwitches.TlsName, "folder", $"Folder with tls.crt, tls.key and ca.crt: only silos and clients with certificates of that authority get in ('lcnn ca' makes them). Default: {ClusterSwitches.TlsVariable}, else none");
    public Option<string> TokenFile { get; } = Value("--token-file", "file", "File of lines 'view SECRET' and 'operate SECRET': clients may show one in place of a certificate. Default: none");
    public Option<bool> Insecure { get; } = CommonOptions.Flag("--insecure", "Let other machines reach this silo without certificates: whoever reaches its ports may do anything with it. Default: refuse");
    public Option<string> RunRoots { get; } = Value("--run-roots", "folders", "Folders under which runs may read and write, between commas; relative ones of runs lie under the first. Default: wherever this silo's user may");
    public Option<string> Name { get; } = Value("--name", "name", "Name in lists and messages. Default: the machine's");
    public Option<string> StallTimeout { get; } = Value("--stall-timeout", "seconds", "A worker without progress for so long counts as lost. Default: 120");
    public Option<string> StartTimeout { get; } = Value("--start-timeout", "seconds", "How long it waits for a Redis that is not there yet. Default: 0");
    public Option<string> DrainTimeout { get; } = Value("--drain-timeout", "seconds", "How long it may take to hand its work over when it leaves; 5 seconds more end it. Default: 9");
    public Option<string> KeepSteps { get; } = Value("--keep-steps", "hours", "How long after its end the log of a run or sweep stays whole; then steps go, and epochs stay. Default: 168");
    public Option<string> KeepTrialSteps { get; } = Value("--keep-trial-steps", "hours", "The same for the run of a sweep's trial. Default: 1");
    public Option<string> Configuration { get; } = Value("--config", "file", $"JSON file with an object \"silo\" of these options, such as {{\"silo\": {{\"http-port\": 8080}}}}. The command line comes first, then variables such as {ConfiguredOptions.Prefix}HTTP_PORT, then the file. Default: {ConfiguredOptions.FileVariable}, else none");
    public Option<bool> UntilInputEnds { get; } = new(ParentSignals.Option) { Hidden = true, Arity = ArgumentArity.Zero };

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All =>
        [.. Configurable, Configuration, UntilInputEnds];

    /// <summary>Those that the environment and a file may give as well.</summary>
    public IReadOnlyList<Option> Configurable =>
        [Cluster, Slots, Devices, Name, Advertise, Listen, SiloPort, GatewayPort, StreamPort, HttpPort, PrimaryPort, Tls, TokenFile, Insecure, RunRoots, StallTimeout, StartTimeout, DrainTimeout, KeepSteps, KeepTrialSteps];

    /// <summary>The option behind a property of the silo's options.</summary>
    public Option? Of(string property) => property switch
    {
        nameof(Silo.Configuration.SiloOptions.Slots) => Slots,
        nameof(Silo.Configuration.SiloOptions.Devices) => Devices,
        nameof(Silo.Configuration.SiloOptions.AdvertisedAddress) => Advertise,
        nameof(Silo.Configuration.SiloOptions.ListenAddress) => Listen,
        nameof(Silo.Configuration.SiloOptions.HttpPort) => HttpPort,
        nameof(Silo.Configuration.SiloOptions.StartTimeout) => StartTimeout,
        nameof(Silo.Configuration.SiloOptions.DrainTimeout) => DrainTimeout,
        nameof(Silo.Configuration.SiloOptions.SiloPort) => SiloPort,
        nameof(Silo.Configuration.SiloOptions.GatewayPort) => GatewayPort,
        nameof(Silo.Configuration.SiloOptions.StreamPort) => StreamPort,
        nameof(Silo.Configuration.SiloOptions.PrimaryPort) => PrimaryPort,
        nameof(Silo.Configuration.SiloOptions.Name) => Name,
        nameof(Silo.Configuration.SiloOptions.StallTimeout) => StallTimeout,
        nameof(Silo.Configuration.SiloOptions.KeepSteps) => KeepSteps,
        nameof(Silo.Configuration.SiloOptions.KeepTrialSteps) => KeepTrialSteps,
        _ => null,
    };

    private static Option<string> Value(string name, string helpName, string description) => CommonOptions.Value(name, helpName, description);
}
