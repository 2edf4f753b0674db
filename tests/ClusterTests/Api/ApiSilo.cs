using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.ClusterTests.Api;

/// <summary>A silo with a web server and tokens, and whoever talks to it over HTTP.</summary>
public sealed class ApiSilo : IAsyncLifetime
{
    internal const string ViewToken = "look-but-do-not-touch";
    internal const string OperateToken = "press-all-the-buttons";

    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-api-").FullName;
    private IHost? _host;

    internal string Root => Path.Combine(_folder, "runs");

    internal string TokenFile => Path.Combine(_folder, "tokens");

    internal Uri Address => new($"http://127.0.0.1:{_host!.Services.GetRequiredService<SiloHttp>().Port}/api/v1/");

    internal IServiceProvider Services => _host!.Services;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Root);
        await File.WriteAllTextAsync(TokenFile, $"view {ViewToken}\noperate {OperateToken}\n");
        _host = await StartAsync(TokenFile, Root);
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A silo alone in its cluster.</summary>
    /// <param name="tokenFile">Null for open doors.</param>
    internal static async Task<IHost> StartAsync(string? tokenFile, string root)
    {
        var ports = FreePorts.Find(2);
        var host = SiloApplication.Build(
            ClusterAddress.Localhost(ports[1]),
            silo =>
            {
                (silo.SiloPort, silo.GatewayPort, silo.PrimaryPort, silo.HttpPort, silo.Slots, silo.Devices) = (ports[0], ports[1], ports[0], 0, 2, "cpu");
                (silo.TokenFile, silo.RunRoots, silo.DrainTimeout, silo.Insecure) = (tokenFile, root, TimeSpan.Zero, false);
            },
            builder => builder.Logging.SetMinimumLevel(LogLevel.Error));
        await host.StartAsync();
        return host;
    }

    /// <summary>A caller with a token, or without.</summary>
    internal HttpClient Caller(string? token = OperateToken, bool keepsCookies = false)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = keepsCookies }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Options of a run of four steps.</summary>
    internal static Dictionary<string, object> SmallRun() => new()
    {
        ["epochs"] = 2,
        ["batchSize"] = 32,
        ["trainLimit"] = 64,
        ["testLimit"] = 50,
        ["curvatureSamples"] = 0,
        ["workers"] = 1,
        ["schedule"] = "constant",
    };

    /// <summary>Starts a run and says its id.</summary>
    internal static async Task<string> StartRunAsync(HttpClient caller, Dictionary<string, object> options)
    {
        using var answer = await caller.PostAsJsonAsync("runs", new { options }, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("runId").GetString()!;
    }

    /// <summary>The events of a run or sweep, to its end.</summary>
    /// <param name="after">Number of the last event seen; sent as a browser does that comes back.</param>
    /// <param name="until">Kind of the event at which to leave.</param>
    internal static async Task<List<(long Id, JsonElement Data)>> EventsAsync(HttpClient caller, string path, long? after = null, string? until = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (after is { } seen)
        {
            request.Headers.Add("Last-Event-ID", $"{seen}");
        }

        using var answer = await caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var events = new List<(long, JsonElement)>();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var id = 0L;
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && line != "event: end")
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                events.Add((id, JsonDocument.Parse(line[6..]).RootElement));
                if (events[^1].Item2.GetProperty("event").GetString() == until)
                {
                    break;
                }
            }
        }

        return events;
    }
}
