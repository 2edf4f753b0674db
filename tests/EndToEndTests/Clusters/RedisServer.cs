using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A Redis of one test on loopback that writes everything down; it can be emptied, killed and started again.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly string _password;
    private readonly IReadOnlyList<string> _host;
    private readonly string _bound;
    private Process? _process;

    private RedisServer(string password, IReadOnlyList<string> host, string address) => (_password, _host, _bound) = (password, host, address);

    public int Port { get; } = FreePort();

    /// <summary>The address for <c>LCNN_CLUSTER</c>.</summary>
    public string Address => _password.Length == 0 ? $"redis://{Host}:{Port}" : $"redis://:{_password}@{Host}:{Port}";

    private string Host => _bound.Contains(':', StringComparison.Ordinal) ? $"[{_bound}]" : _bound;

    /// <summary>Whether there is a program to start.</summary>
    public static bool IsInstalled { get; } = Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>Skips the test where none is installed, which continuous integration does not accept.</summary>
    public static void SkipUnlessInstalled()
    {
        const string Problem = $"{Program} is not installed: apt-get install {Program}";
        if (!IsInstalled && TestTier.IsContinuousIntegration)
        {
            Assert.Fail(Problem);
        }

        Assert.SkipUnless(IsInstalled, Problem);
    }

    /// <summary>Starts one, or skips the test.</summary>
    public static Task<RedisServer> StartAsync(string password = "") => StartOnAsync([], "127.0.0.1", password);

    /// <summary>As the other, on a host of a network.</summary>
    /// <param name="host">What a command line on that host begins with.</param>
    /// <param name="address">Of that host.</param>
    public static async Task<RedisServer> StartOnAsync(IReadOnlyList<string> host, string address, string password = "")
    {
        SkipUnlessInstalled();
        var server = new RedisServer(password, host, address);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it after <see cref="KillAsync"/>, with all that was written.</summary>
    public async Task StartAgainAsync()
    {
        string[] login = _password.Length == 0 ? [] : ["--requirepass", _password];
        var log = new OutputLog(Program);
        string[] line =
        [
            .. _host, Program, "--port", $"{Port}", "--bind", _bound, "--protected-mode", "no", "--dir", _folder.Path, "--save", "", "--appendonly", "yes",
            "--appendfsync", "always", .. login,
        ];
        _process = new Process { StartInfo = new ProcessStartInfo(line[0], line.Skip(1)) { RedirectStandardOutput = true } };
        _process.OutputDataReceived += (_, line) => log.Add(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        await log.WaitForAsync(line => line.Contains("Ready to accept connections", StringComparison.Ordinal), _patience);
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Removes every key.</summary>
    public Task FlushAsync() => SendAsync("FLUSHALL");

    /// <summary>The names of all keys.</summary>
    public async Task<string> KeysAsync() => await SendAsync("KEYS *");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _folder.Dispose();
    }

    /// <summary>Sends a command as a plain line, and returns what Redis says to it.</summary>
    public async Task<string> SendAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var login = _password.Length == 0 ? "" : $"AUTH {_password}\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{login}{command}\r\nQUIT\r\n"), TestContext.Current.CancellationToken);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A port of the loopback that nobody has right now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
