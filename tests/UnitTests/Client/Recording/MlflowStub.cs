using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.UnitTests.Client.Recording;

/// <summary>A server that keeps to the contract of MLflow's REST API 2.0 for what runs need, its limits and refusals included.</summary>
internal sealed partial class MlflowStub : IAsyncDisposable
{
    private const int MostMetrics = 1000;
    private const int MostParameters = 100;
    private const int MostOfAValue = 500;

    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _experiments = [];

    public MlflowStub()
    {
        var port = FreePort();
        Address = new Uri($"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    /// <summary>Runs by id.</summary>
    public Dictionary<string, StubRun> Runs { get; } = [];

    /// <summary>Logins that came with requests.</summary>
    public ConcurrentBag<string?> Logins { get; } = [];

    /// <summary>Answers a request before the server does: a status, or null to let it.</summary>
    public Func<string, int?> Before { get; set; } = _ => null;

    /// <summary>Held up until this is done.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                await Hold;
                await AnswerAsync(context);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // closed, by one side or the other
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        Logins.Add(context.Request.Headers["Authorization"]);
        var path = context.Request.Url!.AbsolutePath;
        Assert.StartsWith("/api/2.0/mlflow/", path, StringComparison.Ordinal);
        using var reader = new StreamReader(context.Request.InputStream);
        var text = await reader.ReadToEndAsync();
        var call = path["/api/2.0/mlflow/".Length..];
        var (status, answer) = Before(call) is { } forced ? (forced, (object)new { error_code = "FORCED", message = "as the test wants it" })
            : Answer(call, context.Request.QueryString["experiment_name"], text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Close(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(answer)), willBlock: false);
    }

    private (int Status, object Answer) Answer(string call, string? name, JsonElement body)
    {
        lock (_gate)
        {
            return call switch
            {
                "experiments/get-by-name" => _experiments.TryGetValue(name!, out var known) ? (200, new { experiment = new { experiment_id = known, name } }) : Refuse(404, "RESOURCE_DOES_NOT_EXIST"),
                "experiments/create" => _experiments.TryAdd(Text(body, "name"), $"{_experiments.Count}") ? (200, new { experiment_id = _experiments[Text(body, "name")] }) : Refuse(400, "RESOURCE_ALREADY_EXISTS"),
                "runs/search" => (200, new { runs = Runs.Values.Where(run => Text(body, "filter") == $"tags.`lcnn.runId` = '{run.Tags["lcnn.runId"]}'").Select(run => new { info = new { run_id = run.Id } }).ToArray() }),
                "runs/create" => Create(body),
                "runs/log-batch" => Log(body),
                "runs/update" => Update(body),
                _ => Refuse(404, "ENDPOINT_NOT_FOUND"),
            };
        }
    }

    private (int, object) Create(JsonElement body)
    {
        var run = new StubRun($"{Runs.Count:x32}", Text(body, "run_name"));
        foreach (var tag in body.GetProperty("tags").EnumerateArray())
        {
            run.Tags.Add(Text(tag, "key"), Text(tag, "value"));
        }

        Runs.Add(run.Id, run);
        return (200, new { run = new { info = new { run_id = run.Id } } });
    }

    private (int, object) Log(JsonElement body)
    {
        if (!Runs.TryGetValue(Text(body, "run_id"), out var run))
        {
            return Refuse(404, "RESOURCE_DOES_NOT_EXIST");
        }

        var (metrics, parameters) = (body.GetProperty("metrics").EnumerateArray().ToList(), body.GetProperty("params").EnumerateArray().ToList());
        if (metrics.Count > MostMetrics || parameters.Count > MostParameters
            || metrics.Any(metric => !Name().IsMatch(Text(metric, "key"))) || parameters.Any(one => Text(one, "value").Length > MostOfAValue))
        {
            return Refuse(400, "INVALID_PARAMETER_VALUE");
        }

        foreach (var one in parameters)
        {
            if (run.Parameters.TryGetValue(Text(one, "key"), out var before) && before != Text(one, "value"))
            {
                return Refuse(400, "INVALID_PARAMETER_VALUE");
            }

            run.Parameters[Text(one, "key")] = Text(one, "value");
        }

        foreach (var metric in metrics)
        {
            var value = metric.GetProperty("value");
            run.Metrics.Add((Text(metric, "key"), metric.GetProperty("step").GetInt64(), metric.GetProperty("timestamp").GetInt64(),
                value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : value.GetDouble()));
        }

        return (200, new { });
    }

    private (int, object) Update(JsonElement body)
    {
        if (!Runs.TryGetValue(Text(body, "run_id"), out var run))
        {
            return Refuse(404, "RESOURCE_DOES_NOT_EXIST");
        }

        run.Status = Text(body, "status");
        return (200, new { });
    }

    private static (int, object) Refuse(int status, string code) => (status, new { error_code = code, message = "said the server" });

    private static string Text(JsonElement body, string name) => body.GetProperty(name).GetString()!;

    [GeneratedRegex("^[A-Za-z0-9_./ -]+$")]
    private static partial Regex Name();
}

/// <summary>A run of the server.</summary>
internal sealed record StubRun(string Id, string Name)
{
    public Dictionary<string, string> Tags { get; } = [];
    public Dictionary<string, string> Parameters { get; } = [];
    public HashSet<(string Key, long Step, long Time, double Value)> Metrics { get; } = [];
    public string Status { get; set; } = "RUNNING";
}
