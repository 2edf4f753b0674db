using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.EndToEndTests.Clusters;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.UnitTests.Kubernetes;

namespace Lcnn.Distributed.EndToEndTests.Operations;

/// <summary>A silo as those who run it see it: probes, metrics, spans and logs. Its options come from the environment.</summary>
public sealed class SiloHttpTests
{
    private static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_ThroughARunAndItsOwnEnd_AnswersProbesAndTellsWhatItDid()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new TemporaryFolder();
        using var collector = new OtlpCollector(FreePorts.Find(1)[0]);
        await using var silo = LcnnProcess.Start(
            folder.Path, ["silo", "--json"],
            ("LCNN_CLUSTER", redis.Address), ("LCNN_SILO__SILO_PORT", "0"), ("LCNN_SILO__GATEWAY_PORT", "0"), ("LCNN_SILO__HTTP_PORT", "0"), ("LCNN_SILO__SLOTS", "2"),
            ("LCNN_SILO__NAME", "a-silo"), ("LCNN_SILO__DRAIN_TIMEOUT", "60"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_BLRP_SCHEDULE_DELAY", "200"));
        var ready = await silo.WaitForEventAsync("ready");
        var address = $"http://127.0.0.1:{ready.GetProperty("httpPort").GetInt32()}";

        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync($"{address}/healthz/live", Token)).StatusCode);
        await WaitForReadyAsync(address, HttpStatusCode.OK, "member: yes\nstaying: yes\nstore: yes\nstreams: yes\ndevices: yes\n");
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync($"{address}/anything", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _http.PostAsync($"{address}/metrics", new StringContent(new string('x', 100)), Token)).StatusCode);

        await using var run = LcnnProcess.Start(
            folder.Path, ["train", "--json", "--workers", "2", "--shards", "2", "--epochs", "100000", "--train-limit", "64", "--curvature-samples", "0", "--out", "run"],
            ("LCNN_CLUSTER", redis.Address));
        await run.WaitForEventAsync("snapshot");

        var metrics = await _http.GetStringAsync($"{address}/metrics", Token);
        Assert.Equal(Golden, Described(metrics));
        Assert.Contains("lcnn_slots{state=\"held\"} 2", metrics, StringComparison.Ordinal);
        Assert.Contains("lcnn_runs{phase=\"training\"} 1", metrics, StringComparison.Ordinal);
        Assert.Matches("lcnn_samples_total{} [1-9]", metrics);
        Assert.Contains("lcnn_step_duration_seconds_count{phase=\"step\",rank=\"1\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("lcnn_store_duration_seconds_count{operation=\"append\",outcome=\"ok\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("orleans_", metrics, StringComparison.Ordinal);
        await CheckWithPromtoolAsync(metrics);
        foreach (var (path, text) in new[] { ("/v1/metrics", "lcnn.samples"), ("/v1/traces", "lcnn.step"), ("/v1/traces", "lcnn.snapshot"), ("/v1/logs", "coordinates it from generation"), ("/v1/logs", "a-silo") })
        {
            await collector.WaitForAsync(path, text, Token);
        }

        await redis.KillAsync(); // nothing can be handed over: it leaves as late as it may

        await WaitForReadyAsync(address, HttpStatusCode.ServiceUnavailable, "store: no, it has not reached its store for ");
        silo.SendTerminate();
        await WaitForReadyAsync(address, HttpStatusCode.ServiceUnavailable, "staying: no, it hands its work over and leaves");
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync($"{address}/healthz/live", Token)).StatusCode);
    }

    /// <summary>Whoever says nothing, or garbage, at the port holds up nobody.</summary>
    [Fact]
    public async Task Silo_StrangersAtItsHttpPort_HoldUpNobody()
    {
        using var folder = new TemporaryFolder();
        var ports = FreePorts.Find(2);
        await using var silo = LcnnProcess.Start(folder.Path, ["silo", "--json", "--silo-port", $"{ports[0]}", "--primary-port", $"{ports[0]}", "--gateway-port", $"{ports[1]}", "--http-port", "0"]);
        var port = (await silo.WaitForEventAsync("ready")).GetProperty("httpPort").GetInt32();
        var idle = new List<TcpClient>();
        for (var i = 0; i < 50; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, Token);
            await client.GetStream().WriteAsync(i % 2 == 0 ? "GET /healthz/live HTTP/1.1\r\n"u8.ToArray() : [22, 3, 1, 0, 200, 1, 0], Token);
            idle.Add(client);
        }

        Assert.Equal("Healthy", await _http.GetStringAsync($"http://127.0.0.1:{port}/healthz/live", Token));

        idle.ForEach(client => client.Dispose());
        Assert.Empty(silo.Error);
    }

    [Fact]
    public async Task Silo_ThatWaitsForItsRedis_IsReadyOnceItIsThere()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var silo = LcnnProcess.Start(
            folder.Path, ["silo", "--json", "--silo-port", "0", "--gateway-port", "0", "--start-timeout", "120"],
            ("LCNN_CLUSTER", redis.Address), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
        await silo.WaitForErrorAsync(line => line.Contains("Not yet: the Redis of", StringComparison.Ordinal) && line.Contains("waiting for it for up to 120 s", StringComparison.Ordinal));

        await redis.StartAgainAsync();

        await silo.WaitForEventAsync("ready");
        var told = await silo.WaitForErrorAsync(line => line.Contains("could not be sent to", StringComparison.Ordinal)); // nobody listens there
        Assert.EndsWith("could not be sent to http://127.0.0.1:9: Connection refused (127.0.0.1:9); nothing else depends on it", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_CollectorThatIsNone_IsNamed()
    {
        await using var place = LcnnProcess.Start(Environment.CurrentDirectory, ["silo"], ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"));
        await using var protocol = LcnnProcess.Start(
            Environment.CurrentDirectory, ["silo"], ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier-pigeon"));

        Assert.Equal(1, await place.WaitForExitAsync());
        Assert.Equal(["error: OTEL_EXPORTER_OTLP_ENDPOINT: expected the address of a collector such as http://host:4317, got 'collector:4317'"], place.Error);
        Assert.Equal(1, await protocol.WaitForExitAsync());
        Assert.Equal(["error: OTEL_EXPORTER_OTLP_PROTOCOL: expected grpc or http/protobuf, got 'carrier-pigeon'"], protocol.Error);
    }

    private static async Task WaitForReadyAsync(string address, HttpStatusCode status, string text)
    {
        while (true)
        {
            using var answer = await _http.GetAsync($"{address}/healthz/ready", Token);
            if (answer.StatusCode == status && (await answer.Content.ReadAsStringAsync(Token)).Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            await Task.Yield(); // a probe is what finds out
        }
    }

    private static string Described(string metrics) =>
        string.Join('\n', metrics.Split('\n').Where(line => line.StartsWith("# ", StringComparison.Ordinal) && line.Contains(" lcnn_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    private static async Task CheckWithPromtoolAsync(string metrics)
    {
        var (code, output, error) = await ExternalTool.Promtool.TryOnAsync(
            string.Concat(metrics.Split('\n').Where(line => line.Contains("lcnn_", StringComparison.Ordinal)).Select(line => $"{line}\n")), "check", "metrics");
        Assert.True(code == 0, error + output);
    }

    // The exporter is a preview: whoever updates it sees here what scrapers would.
    private const string Golden = """
        # HELP lcnn_exchange_bytes_total Bytes that ranks handed to others
        # HELP lcnn_generations_total Generations of workers formed
        # HELP lcnn_run_info 1 for each run that this silo coordinates
        # HELP lcnn_runs Runs that this silo coordinates
        # HELP lcnn_samples_total Training samples of those steps
        # HELP lcnn_slots Slots of this silo
        # HELP lcnn_slots_wait_duration_seconds Time that a generation waited for its slots
        # HELP lcnn_slots_waiting Runs coordinated here that wait for slots
        # HELP lcnn_snapshot_duration_seconds Time from a snapshot's step to its files
        # HELP lcnn_snapshots_total Snapshots written
        # HELP lcnn_step_duration_seconds Time of a step on a rank, as a whole and by phase
        # HELP lcnn_steps_total Steps made, counted by the leading rank
        # HELP lcnn_store_duration_seconds Time of a call to the store of records and logs
        # HELP lcnn_store_reachable Whether this silo reaches the store of records
        # TYPE lcnn_exchange_bytes_total counter
        # TYPE lcnn_generations_total counter
        # TYPE lcnn_run_info gauge
        # TYPE lcnn_runs gauge
        # TYPE lcnn_samples_total counter
        # TYPE lcnn_slots gauge
        # TYPE lcnn_slots_wait_duration_seconds histogram
        # TYPE lcnn_slots_waiting gauge
        # TYPE lcnn_snapshot_duration_seconds histogram
        # TYPE lcnn_snapshots_total counter
        # TYPE lcnn_step_duration_seconds histogram
        # TYPE lcnn_steps_total counter
        # TYPE lcnn_store_duration_seconds histogram
        # TYPE lcnn_store_reachable gauge
        """;
}
