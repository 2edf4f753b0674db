using System.Diagnostics;
using System.Globalization;

namespace Lcnn.Distributed.EndToEndTests.Networks;

/// <summary>Hosts with addresses and cables of their own: Linux network namespaces around one switch, whose ports can be pulled or set apart in silence.</summary>
/// <remarks>A frame that the switch does not pass on vanishes: nobody gets a reset or an error, as when a cable is cut or a machine loses its power.</remarks>
internal sealed class TestNetwork : IAsyncDisposable
{
    private const string Switch = "switch";
    private static readonly string _ip = File.Exists("/usr/sbin/ip") ? "/usr/sbin/ip" : "ip"; // where users' paths seldom lead
    private static readonly string _tc = File.Exists("/usr/sbin/tc") ? "/usr/sbin/tc" : "tc";
    private static int _count;

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"lcnn{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
    private readonly List<string> _hosts = [];
    private readonly List<LinkForwarder> _cables = [];
    private readonly LinkQuality? _quality;
    private readonly bool _isIPv6;

    private TestNetwork(LinkQuality? quality, bool isIPv6) => (_quality, _isIPv6) = (quality, isIPv6);

    /// <summary>Makes the hosts, or skips the test where the machine forbids it, which continuous integration does not accept.</summary>
    public static TestNetwork Create(params IReadOnlyList<string> hosts) => Create(quality: null, isIPv6: false, hosts);

    /// <summary>As the other, with IPv6 alone, or with cables that are not perfect.</summary>
    /// <param name="quality">Of each host's cable; null for that of the kernel's memory.</param>
    public static TestNetwork Create(LinkQuality? quality, bool isIPv6, params IReadOnlyList<string> hosts)
    {
        var network = new TestNetwork(quality, isIPv6);
        try
        {
            network.AddSwitch();
            foreach (var host in hosts)
            {
                network.AddHost(host);
            }

            return network;
        }
        catch (InvalidOperationException exception)
        {
            network.Delete();
            Assert.SkipUnless(TestTier.IsContinuousIntegration, $"no network namespaces here: {exception.Message}");
            throw;
        }
    }

    /// <summary>The host's address.</summary>
    public string AddressOf(string host) => _isIPv6 ? $"fd77::{_hosts.IndexOf(host) + 1}" : $"10.77.0.{_hosts.IndexOf(host) + 1}";

    /// <summary>The beginning of a command line that runs on a host.</summary>
    public IReadOnlyList<string> On(string host) => [_ip, "netns", "exec", Namespace(host)];

    /// <summary>The switch passes nothing between two hosts any more; all others still reach both.</summary>
    public void Part(string one, string other)
    {
        foreach (var host in (string[])[one, other])
        {
            Run([.. On(Switch), "sh", "-c", $"echo 1 > /sys/class/net/{host}/brport/isolated"]);
        }
    }

    /// <summary>Frames from a host to another vanish; those of the other way come through.</summary>
    public void PartOneWay(string from, string to) =>
        Run([.. On(from), _ip, "neigh", "replace", AddressOf(to), "lladdr", "02:00:00:00:00:99", "dev", "eth0", "nud", "permanent"]);

    /// <summary>Ends <see cref="Part"/>.</summary>
    public void Join(string one, string other)
    {
        foreach (var host in (string[])[one, other])
        {
            Run([.. On(Switch), "sh", "-c", $"echo 0 > /sys/class/net/{host}/brport/isolated"]);
        }
    }

    /// <summary>Ends <see cref="PartOneWay"/>.</summary>
    public void JoinOneWay(string from, string to) => Run([.. On(from), _ip, "neigh", "delete", AddressOf(to), "dev", "eth0"]);

    /// <summary>Pulls a host's cable out of the switch; the host does not see it.</summary>
    public void Unplug(string host) => Run([.. On(Switch), _ip, "link", "set", "dev", host, "down"]);

    /// <summary>Ends <see cref="Unplug"/>.</summary>
    public void Plug(string host) => Run([.. On(Switch), _ip, "link", "set", "dev", host, "up"]);

    /// <summary>Frames larger than that vanish on the way to and from a host, which does not hear of it.</summary>
    public void ShrinkLink(string host, int bytes) => Run([.. On(Switch), _ip, "link", "set", "dev", host, "mtu", $"{bytes}"]);

    /// <summary>The largest frame of a host, which it knows.</summary>
    public void LimitFrames(string host, int bytes) => Run([.. On(host), _ip, "link", "set", "dev", "eth0", "mtu", $"{bytes}"]);

    /// <summary>Limits what a host's cable carries each way.</summary>
    /// <param name="rate">As <c>tc</c> takes it, such as <c>100mbit</c>.</param>
    public void LimitRate(string host, string rate)
    {
        foreach (var (place, device) in ((string, string)[])[(host, "eth0"), (Switch, host)])
        {
            Run([.. On(place), _tc, "qdisc", "add", "dev", device, "root", "tbf", "rate", rate, "burst", "256kb", "latency", "100ms"]);
        }
    }

    /// <summary>What comes to a host for a port of its own, or from such a port of others, vanishes.</summary>
    public void Block(string host, int port)
    {
        // Else the packets of a connection that is there already never come by the rules.
        Run([.. On(host), "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_early_demux; echo 0 > /proc/sys/net/ipv4/tcp_early_demux"]);
        // The rule for the host's own addresses is the first of all: it has to make room.
        Run([.. On(host), _ip, "rule", "add", "pref", "100", "lookup", "local"]);
        foreach (var direction in (string[])["dport", "sport"])
        {
            Run([.. On(host), _ip, "rule", "add", "pref", "10", "iif", "eth0", "ipproto", "tcp", direction, $"{port}", "blackhole"]);
        }

        Run([.. On(host), _ip, "rule", "delete", "pref", "0"]);
    }

    public async ValueTask DisposeAsync() => await Task.Run(Delete);

    private void Delete()
    {
        _cables.ForEach(cable => cable.Dispose());
        foreach (var host in (string[])[.. _hosts, Switch])
        {
            TryRun([_ip, "netns", "delete", Namespace(host)]);
        }
    }

    private string Namespace(string host) => $"{_name}-{host}";

    private void AddSwitch()
    {
        Run([_ip, "netns", "add", Namespace(Switch)]);
        Run([.. On(Switch), _ip, "link", "add", "bridge", "type", "bridge"]);
        Run([.. On(Switch), _ip, "link", "set", "dev", "bridge", "up"]);
    }

    private void AddHost(string host)
    {
        _hosts.Add(host);
        Run([_ip, "netns", "add", Namespace(host)]);
        if (_quality is { } quality)
        {
            _cables.Add(LinkForwarder.Connect([(Namespace(host), "eth0"), (Namespace(Switch), host)], quality));
        }
        else
        {
            Run([.. On(host), _ip, "link", "add", "eth0", "type", "veth", "peer", "name", host, "netns", Namespace(Switch)]);
        }

        Run([.. On(Switch), _ip, "link", "set", "dev", host, "master", "bridge"]);
        Run([.. On(Switch), _ip, "link", "set", "dev", host, "up"]);
        Run([.. On(host), _ip, "address", "add", .. _isIPv6 ? (string[])[$"{AddressOf(host)}/64", "nodad"] : [$"{AddressOf(host)}/24"], "dev", "eth0"]);
        Run([.. On(host), _ip, "link", "set", "dev", "eth0", "up"]);
        Run([.. On(host), _ip, "link", "set", "dev", "lo", "up"]);
    }

    private static void Run(IReadOnlyList<string> command)
    {
        if (TryRun(command) is { } problem)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {problem}");
        }
    }

    private static string? TryRun(IReadOnlyList<string> command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return exception.Message;
        }
    }
}
