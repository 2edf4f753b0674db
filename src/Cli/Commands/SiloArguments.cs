using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Silo.Configuration;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Turns the command line of <c>lcnn silo</c> into a silo's options; those themselves say what is out of range.</summary>
internal sealed class SiloArguments(ArgumentReader reader, SiloSwitches switches, CliServices services)
{
    public SiloRequest Read()
    {
        new ConfiguredOptions(reader, services).Read(switches.Configurable, switches.Configuration);
        var address = ClusterOption.Read(reader, switches.Cluster, services) ?? ClusterAddress.Localhost();
        if (address.IsGateways)
        {
            reader.Add(switches.Cluster, $"gateways are for clients, while silos meet elsewhere; expected redis://... or localhost, got {address}");
        }

        var configure = ReadOptions(address);
        var options = new SiloOptions();
        configure(options);
        CheckRanges(options);
        CheckPorts(options);
        reader.ThrowIfProblems();
        return new SiloRequest(address, configure);
    }

    private Action<SiloOptions> ReadOptions(ClusterAddress address)
    {
        var devices = reader.Text(switches.Devices);
        var slots = reader.WholeNumber(switches.Slots);
        var advertise = reader.Text(switches.Advertise);
        var siloPort = reader.WholeNumber(switches.SiloPort);
        var gatewayPort = reader.WholeNumber(switches.GatewayPort);
        var streamPort = reader.WholeNumber(switches.StreamPort);
        var listen = reader.Text(switches.Listen);
        var httpPort = reader.WholeNumber(switches.HttpPort);
        var (start, drain) = (Seconds(switches.StartTimeout), Seconds(switches.DrainTimeout));
        var (steps, trialSteps) = (Hours(switches.KeepSteps), Hours(switches.KeepTrialSteps));
        var primaryPort = reader.WholeNumber(switches.PrimaryPort);
        var name = reader.Text(switches.Name);
        var stall = Seconds(switches.StallTimeout);
        var tls = ClusterSwitches.ReadTls(reader, switches.Tls, services);
        var tokens = reader.Text(switches.TokenFile) is { Length: > 0 } file ? Path.GetFullPath(file, services.WorkingDirectory) : null;
        var insecure = reader.IsGiven(switches.Insecure);
        var roots = ReadRoots();
        var endsWithParent = reader.IsGiven(switches.UntilInputEnds);
        return options =>
        {
            options.Slots = slots ?? options.Slots;
            options.Devices = devices ?? options.Devices;
            options.AdvertisedAddress = advertise ?? options.AdvertisedAddress;
            options.SiloPort = siloPort ?? options.SiloPort;
            options.GatewayPort = gatewayPort ?? (address.IsRedis ? options.GatewayPort : address.Port);
            options.StreamPort = streamPort ?? options.StreamPort;
            options.ListenAddress = listen ?? options.ListenAddress;
            options.HttpPort = httpPort;
            options.StartTimeout = start ?? options.StartTimeout;
            options.DrainTimeout = drain ?? options.DrainTimeout;
            options.KeepSteps = steps ?? options.KeepSteps;
            options.KeepTrialSteps = trialSteps ?? options.KeepTrialSteps;
            options.PrimaryPort = primaryPort ?? options.PrimaryPort;
            options.Name = name ?? options.Name;
            options.TlsFolder = tls;
            options.TokenFile = tokens;
            options.Insecure = insecure;
            options.RunRoots = roots;
            options.EndsWithParent = endsWithParent;
            options.StallTimeout = stall ?? options.StallTimeout;
        };
    }

    // Checked here, where a missing one is a slip of the hand; a silo's own check follows links each time.
    private string ReadRoots()
    {
        var roots = reader.Text(switches.RunRoots)?.Split(',', StringSplitOptions.TrimEntries)
            .Select(root => Path.GetFullPath(HomeFolder.Expand(root), services.WorkingDirectory)).ToList() ?? [];
        if (roots.Find(root => !Directory.Exists(root)) is { } missing)
        {
            reader.Add(switches.RunRoots, $"the folder '{missing}' does not exist; make it, or mount it there");
        }

        return string.Join(',', roots);
    }

    private void CheckRanges(SiloOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var result in results)
        {
            var option = switches.Of(result.MemberNames.First())!;
            var message = result.ErrorMessage ?? "cannot be used";
            var got = message.Contains("got", StringComparison.Ordinal) ? "" : $", got {reader.OptionalText(option)}";
            reader.Add(option, message + got);
        }
    }

    private void CheckPorts(SiloOptions options)
    {
        List<(Option Option, int Port)> ports =
        [
            (switches.SiloPort, options.SiloPort), (switches.GatewayPort, options.GatewayPort), (switches.StreamPort, options.UsedStreamPort), (switches.HttpPort, options.HttpPort ?? 0),
        ];
        foreach (var (option, port) in ports.Where(entry => entry.Port is > 0 and <= 65535))
        {
            if (ports.First(entry => entry.Port == port).Option is var first && first != option)
            {
                reader.Add(option, $"{port} is taken by {reader.NameOf(first)}; give each a port of its own, or 0 for any");
            }
            else if (IsInUse(port))
            {
                reader.Add(option, $"{port} is in use, perhaps by another silo; give another one, or 0 for any");
            }
        }
    }

    private static bool IsInUse(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private TimeSpan? Seconds(Option<string> option) => Time(option, TimeSpan.FromSeconds(1));

    private TimeSpan? Hours(Option<string> option) => Time(option, TimeSpan.FromHours(1));

    private TimeSpan? Time(Option<string> option, TimeSpan unit) => reader.Number(option) is not { } count ? null
        : double.IsFinite(count) && Math.Abs(count) < TimeSpan.MaxValue / unit ? count * unit
        : count > 0 ? TimeSpan.MaxValue : TimeSpan.MinValue;
}
