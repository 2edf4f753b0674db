using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Client.Recording.Mlflow;

/// <summary>The calls of MLflow's REST API 2.0 that a run needs, each made until the server answers.</summary>
/// <remarks>All may be made twice: an answer may be lost. Metrics with the same step, time and value are one to the server.</remarks>
internal sealed class MlflowApi : IDisposable
{
    /// <summary>Tag by which a run of the server is found again.</summary>
    public const string RunTag = "lcnn.runId";

    private const int MostOfAnAnswer = 300; // of what a server says in its own words
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(15);
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // protobuf's JSON has "Infinity", too
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly Action<string> _onSilence;

    /// <param name="options">Server and login.</param>
    /// <param name="clock">Measures pauses.</param>
    /// <param name="onSilence">Told why there is no answer, at each attempt.</param>
    public MlflowApi(MlflowOptions options, TimeProvider clock, Action<string> onSilence)
    {
        (_clock, _onSilence) = (clock, onSilence);
        var server = new UriBuilder(options.Server) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri;
        _http = new HttpClient { BaseAddress = new Uri($"{server.AbsoluteUri.TrimEnd('/')}/api/2.0/mlflow/"), Timeout = options.Timeout };
        Name = server.AbsoluteUri.TrimEnd('/');
        var login = options.Server.UserInfo is { Length: > 0 } given ? Uri.UnescapeDataString(given) : options.Login is var (user, password) ? $"{user}:{password}" : null;
        _http.DefaultRequestHeaders.Authorization = login is not null
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)))
            : options.Token is not null ? new AuthenticationHeaderValue("Bearer", options.Token) : null;
    }

    /// <summary>The server's address, without a login.</summary>
    public string Name { get; }

    /// <summary>The id of an experiment, made if it is not there.</summary>
    public async Task<string> FindExperimentAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await SendAsync(HttpMethod.Get, $"experiments/get-by-name?experiment_name={Uri.EscapeDataString(name)}", null, cancellationToken, "RESOURCE_DOES_NOT_EXIST");
            if (found is { } answer)
            {
                return TextOf(answer, "experiment", "experiment_id");
            }

            // Another client may make it first: then it is found.
            if (await SendAsync(HttpMethod.Post, "experiments/create", new { name }, cancellationToken, "RESOURCE_ALREADY_EXISTS") is { } made)
            {
                return TextOf(made, "experiment_id");
            }
        }
    }

    /// <summary>The run of the server that records a run; null if there is none.</summary>
    public async Task<string?> FindRunAsync(string experiment, string runId, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(
            HttpMethod.Post, "runs/search", new { experiment_ids = (string[])[experiment], filter = $"tags.`{RunTag}` = '{runId}'", max_results = 1 }, cancellationToken);
        return answer!.Value.TryGetProperty("runs", out var runs) && runs.ValueKind == JsonValueKind.Array && runs.GetArrayLength() > 0 ? TextOf(runs[0], "info", "run_id") : null;
    }

    /// <summary>Makes a run of the server.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> CreateRunAsync(string experiment, string name, DateTimeOffset started, IEnumerable<MlflowPair> tags, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(
            HttpMethod.Post, "runs/create", new { experiment_id = experiment, run_name = name, start_time = started.ToUnixTimeMilliseconds(), tags }, cancellationToken);
        return TextOf(answer!.Value, "run", "info", "run_id");
    }

    /// <summary>Adds to a run.</summary>
    public Task LogBatchAsync(string run, IReadOnlyList<MlflowMetric> metrics, IReadOnlyList<MlflowPair> parameters, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "runs/log-batch", new { run_id = run, metrics, @params = parameters }, cancellationToken);

    /// <summary>Says how a run ended, or with "RUNNING" that it goes on.</summary>
    public Task UpdateRunAsync(string run, string status, DateTimeOffset? ended, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "runs/update", new { run_id = run, status, end_time = ended?.ToUnixTimeMilliseconds() }, cancellationToken);

    public void Dispose() => _http.Dispose();

    // Null for the one error that is an answer.
    private async Task<JsonElement?> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken, string? expected = null)
    {
        for (var pause = _firstPause; ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, _longestPause.Ticks)))
        {
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: _json) };
                using var response = await _http.SendAsync(request, cancellationToken);
                var text = await response.Content.ReadAsStringAsync(cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return Parse(path, text);
                }

                if (expected is not null && text.Contains(expected, StringComparison.Ordinal))
                {
                    return null;
                }

                if (!IsPassing(response.StatusCode))
                {
                    throw new MlflowRefusedException($"{path.Split('?')[0]} was answered with {(int)response.StatusCode}: {InShort(text)}");
                }

                _onSilence($"it answers with {(int)response.StatusCode}");
            }
            catch (HttpRequestException exception)
            {
                _onSilence(exception.Message);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                _onSilence($"no answer within {_http.Timeout.TotalSeconds:0.#} s");
            }

            await Task.Delay(pause, _clock, cancellationToken);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private static JsonElement Parse(string path, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            throw new MlflowRefusedException($"{path.Split('?')[0]} was answered with no JSON: {InShort(text)}; is it an MLflow server?");
        }
    }

    private static string TextOf(JsonElement answer, params string[] path)
    {
        var found = answer;
        foreach (var name in path)
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                throw new MlflowRefusedException($"an answer has no {string.Join('.', path)}: {InShort(answer.GetRawText())}; is it an MLflow server?");
            }
        }

        return found.ToString();
    }

    private static string InShort(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length > MostOfAnAnswer ? line[..MostOfAnAnswer] + "..." : line;
    }
}

/// <summary>A parameter or a tag.</summary>
internal sealed record MlflowPair(string Key, string Value);

/// <summary>A number of a step.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">The number.</param>
/// <param name="Timestamp">In milliseconds since 1970.</param>
/// <param name="Step">Steps done.</param>
internal sealed record MlflowMetric(string Key, double Value, long Timestamp, long Step);
