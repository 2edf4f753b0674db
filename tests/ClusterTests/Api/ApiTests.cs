using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lcnn.Distributed.ClusterTests.Api;

/// <summary>What people and pages do with a cluster over HTTP.</summary>
[Collection(nameof(OwnTraining))]
public sealed class ApiTests(ApiSilo silo) : IClassFixture<ApiSilo>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_StartedOverHttp_IsSeenToItsEndInEveryWay()
    {
        using var caller = silo.Caller();

        var id = await ApiSilo.StartRunAsync(caller, ApiSilo.SmallRun());
        var events = await ApiSilo.EventsAsync(caller, $"runs/{id}/events");

        Assert.Equal("started", Kind(events[0].Data));
        Assert.Equal("completed", Kind(events[^1].Data));
        Assert.Equal(events.Select(logged => logged.Id).Order(), events.Select(logged => logged.Id));
        Assert.Equal(Kept(events).Where(number => number > events[2].Id), Kept(await ApiSilo.EventsAsync(caller, $"runs/{id}/events", after: events[2].Id)));
        var run = await GetAsync(caller, $"runs/{id}");
        Assert.Equal("completed", run.GetProperty("status").GetProperty("phase").GetString());
        Assert.Equal(2, run.GetProperty("epochs").GetArrayLength());
        Assert.Equal(2, Assert.Single((await GetAsync(caller, $"runs/{id}?afterEpoch=1")).GetProperty("epochs").EnumerateArray()).GetProperty("epoch").GetInt32());
        Assert.Equal("completed", Kind(Assert.Single((await GetAsync(caller, $"runs/{id}/history?after={events[^1].Id - 1}")).GetProperty("events").EnumerateArray())));
        Assert.Equal(HttpStatusCode.BadRequest, (await caller.GetAsync($"runs/{id}?afterEpoch=-1", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await caller.GetAsync($"runs/{id}/history?after=soon", Token)).StatusCode);
        Assert.Equal(events[^1].Data.GetProperty("weightsSha256").GetString(), run.GetProperty("final").GetProperty("weightsSha256").GetString());
        var series = await GetAsync(caller, $"runs/{id}/series?fields=loss,learningRate&points=2");
        Assert.Equal((4, 2), (series.GetProperty("lastStep").GetInt32(), series.GetProperty("width").GetInt32()));
        Assert.Equal([1, 3], series.GetProperty("steps").EnumerateArray().Select(step => step.GetInt32()));
        var listed = Assert.Single((await GetAsync(caller, $"runs?search={id}")).GetProperty("runs").EnumerateArray()).GetProperty("run");
        Assert.Equal(run.GetProperty("epochs")[1].GetProperty("testAccuracy").GetDouble(), listed.GetProperty("summary").GetProperty("testAccuracy").GetDouble());
    }

    [Fact]
    public async Task Snapshot_InRanges_IsTheFileOfItsHash()
    {
        using var caller = silo.Caller(ApiSilo.ViewToken);
        using var operating = silo.Caller();
        var id = await ApiSilo.StartRunAsync(operating, ApiSilo.SmallRun());
        await ApiSilo.EventsAsync(caller, $"runs/{id}/events");
        var snapshot = (await GetAsync(caller, $"runs/{id}/snapshots")).GetProperty("snapshots")[0];
        var file = snapshot.GetProperty("files")[0];
        var path = $"runs/{id}/snapshots/{snapshot.GetProperty("name").GetString()}/{file.GetProperty("name").GetString()}";

        var whole = await caller.GetByteArrayAsync(path, Token);
        var (first, last) = (await RangeAsync(caller, path, 0, 999), await RangeAsync(caller, path, 1000, null));

        Assert.Equal(file.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(whole)));
        Assert.Equal(whole, first.Concat(last));
        Assert.Equal(whole[^10..], await RangeAsync(caller, path, null, 10));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await SendAsync(caller, path, new RangeHeaderValue(whole.Length, null))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await caller.GetAsync($"{path}x", Token)).StatusCode);
    }

    [Fact]
    public async Task Run_CancelledAndResumedOverHttp_GoesOnInItsFolder()
    {
        using var caller = silo.Caller();
        var options = ApiSilo.SmallRun();
        options["epochs"] = 1_000_000;
        var id = await ApiSilo.StartRunAsync(caller, options);
        await ApiSilo.EventsAsync(caller, $"runs/{id}/events", until: "snapshot");
        var rank = Assert.Single(await RanksWithWorkAsync(caller, id));
        using var early = await caller.PostAsync($"runs/{id}/resume", null, Token);
        using var cancelled = await caller.PostAsync($"runs/{id}/cancel?reason=enough", null, Token);
        var end = (await ApiSilo.EventsAsync(caller, $"runs/{id}/events"))[^1].Data;

        using var resumed = await caller.PostAsync($"runs/{id}/resume?epochs={(end.GetProperty("step").GetInt32() / 2) + 2}", null, Token);
        var next = await resumed.Content.ReadFromJsonAsync<JsonElement>(Token);
        var events = await ApiSilo.EventsAsync(caller, $"runs/{next.GetProperty("runId").GetString()}/events");

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Accepted, HttpStatusCode.Created), (early.StatusCode, cancelled.StatusCode, resumed.StatusCode));
        Assert.Equal((0, -1, "cpu"), (rank.GetProperty("rank").GetInt32(), rank.GetProperty("waitingFor").GetInt32(), rank.GetProperty("device").GetString()));
        Assert.InRange(rank.GetProperty("work").GetProperty("samples").GetInt64(), 1, end.GetProperty("step").GetInt64() * 32);
        Assert.Empty((await GetAsync(caller, $"runs/{id}/ranks")).GetProperty("ranks").EnumerateArray());
        Assert.Equal(("cancelled", "enough"), (Kind(end), end.GetProperty("reason").GetString()));
        Assert.Equal(end.GetProperty("step").GetInt32(), events[0].Data.GetProperty("resumedAtStep").GetInt32());
        Assert.Equal("completed", Kind(events[^1].Data));
    }

    // Its workers tell it with their next sign of life.
    private static async Task<List<JsonElement>> RanksWithWorkAsync(HttpClient caller, string id)
    {
        while (true)
        {
            var ranks = (await GetAsync(caller, $"runs/{id}/ranks")).GetProperty("ranks").EnumerateArray().ToList();
            if (ranks.Count > 0 && ranks.TrueForAll(rank => rank.GetProperty("work").ValueKind == JsonValueKind.Object))
            {
                return ranks;
            }
        }
    }

    [Fact]
    public async Task Tags_PutOnARun_AreListedChangedFilteredAndGoOnWithIt()
    {
        using var caller = silo.Caller();
        using var viewer = silo.Caller(ApiSilo.ViewToken);
        using var started = await caller.PostAsJsonAsync("runs", new { options = ApiSilo.SmallRun(), id = "tagged", tags = new[] { "paper", "first try", "paper" } }, Token);
        using var refused = await caller.PostAsJsonAsync("runs", new { options = ApiSilo.SmallRun(), id = "tagged-wrongly", tags = new[] { "a,b" } }, Token);
        using var forbidden = await viewer.PutAsJsonAsync("runs/tagged/tags", new { tags = new[] { "mine" } }, Token);
        using var unknown = await caller.PutAsJsonAsync("runs/no-such-run/tags", new { tags = new[] { "mine" } }, Token);
        using var tooMany = await caller.PutAsJsonAsync("runs/tagged/tags", new { tags = Enumerable.Range(0, 33).Select(number => $"{number}") }, Token);
        await ApiSilo.EventsAsync(caller, "runs/tagged/events");

        var first = await TaggedAsync(caller, "tag=paper&tag=first%20try");
        using var changed = await caller.PutAsJsonAsync("runs/tagged/tags", new { tags = new[] { "kept" } }, Token);
        using var resumed = await caller.PostAsync("runs/tagged/resume?epochs=3", null, Token);
        var next = (await resumed.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("runId").GetString()!;
        await ApiSilo.EventsAsync(caller, $"runs/{next}/events");

        Assert.Equal(
            (HttpStatusCode.Created, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.OK),
            (started.StatusCode, refused.StatusCode, forbidden.StatusCode, unknown.StatusCode, tooMany.StatusCode, changed.StatusCode));
        Assert.Contains("no commas and no blanks around them, got 'a,b'", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await caller.GetAsync("runs/tagged-wrongly", Token)).StatusCode);
        Assert.Equal(("tagged", "paper|first try"), Assert.Single(first));
        Assert.Empty(await TaggedAsync(caller, "tag=paper"));
        Assert.Equal(new[] { ("tagged", "kept"), (next, "kept") }.Order(), (await TaggedAsync(caller, "tag=kept")).Order());
        Assert.Equal("kept", (await GetAsync(caller, "runs/tagged")).GetProperty("status").GetProperty("tags")[0].GetString());
    }

    private static async Task<List<(string Id, string Tags)>> TaggedAsync(HttpClient caller, string query) =>
        [.. (await GetAsync(caller, $"runs?{query}")).GetProperty("runs").EnumerateArray()
            .Select(item => (IdOf(item), string.Join('|', item.GetProperty("run").GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()))))];

    // A page asks again and again; what it has is not sent again.
    [Fact]
    public async Task List_AskedForAgain_IsNotSentAgainUntilItChanges()
    {
        using var caller = silo.Caller();
        var first = await caller.GetAsync("runs?sweep=none&limit=1", Token);

        using var again = new HttpRequestMessage(HttpMethod.Get, "runs?sweep=none&limit=1") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        var same = await caller.SendAsync(again, Token);
        var id = await ApiSilo.StartRunAsync(caller, ApiSilo.SmallRun());
        await ApiSilo.EventsAsync(caller, $"runs/{id}/events");
        using var later = new HttpRequestMessage(HttpMethod.Get, "runs?sweep=none&limit=1") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };

        Assert.Equal((HttpStatusCode.NotModified, 0), (same.StatusCode, (await same.Content.ReadAsByteArrayAsync(Token)).Length));
        Assert.Equal(HttpStatusCode.OK, (await caller.SendAsync(later, Token)).StatusCode);
    }

    [Fact]
    public async Task List_InPages_IsTheWholeList()
    {
        using var caller = silo.Caller();
        for (var i = 0; i < 3; i++)
        {
            await ApiSilo.EventsAsync(caller, $"runs/{await ApiSilo.StartRunAsync(caller, ApiSilo.SmallRun())}/events");
        }

        var whole = (await GetAsync(caller, "runs")).GetProperty("runs").EnumerateArray().Select(IdOf).ToList();
        var (paged, next) = (new List<string>(), "");
        do
        {
            var page = await GetAsync(caller, $"runs?limit=2{(next.Length > 0 ? $"&after={next}" : "")}");
            Assert.Equal(whole.Count, page.GetProperty("total").GetInt32());
            paged.AddRange(page.GetProperty("runs").EnumerateArray().Select(IdOf));
            next = page.GetProperty("next").GetString() ?? "";
        }
        while (next.Length > 0);

        Assert.Equal(whole, paged);
        Assert.InRange(whole.Count, 3, int.MaxValue);
    }

    [Fact]
    public async Task Sweep_OverHttp_RunsPausesTakesTrialsAndEnds()
    {
        using var caller = silo.Caller();
        const string File = """
            base: {dataset: digits, epochs: 1, trainLimit: 64, testLimit: 50, curvatureSamples: 0, workers: 1, batchSize: 32}
            parameters: {lr: {values: [0.1, 0.05]}}
            maxConcurrent: 2
            """;
        using var body = new StringContent(File, Encoding.UTF8, "application/yaml");
        using var started = await caller.PostAsync("sweeps?id=over-http", body, Token);

        var events = await ApiSilo.EventsAsync(caller, "sweeps/over-http/events");

        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        Assert.Equal("sweepCompleted", Kind(events[^1].Data));
        Assert.Equal(2, (await GetAsync(caller, "sweeps/over-http/trials")).GetProperty("trials").GetArrayLength());
        Assert.Equal(1, (await GetAsync(caller, "sweeps/over-http/trials?limit=1")).GetProperty("trials").GetArrayLength());
        Assert.Equal("completed", (await GetAsync(caller, "sweeps/over-http")).GetProperty("status").GetProperty("phase").GetString());
        Assert.Contains("over-http", (await GetAsync(caller, "sweeps")).GetProperty("sweeps").EnumerateArray().Select(sweep => sweep.GetProperty("sweepId").GetString()));
        using var wrong = new StringContent("base: {dataset: digits, epoch: 1}\nparameters: {lr: {values: [0.1]}}\n", Encoding.UTF8, "application/yaml");
        using var refused = await caller.PostAsync("sweeps", wrong, Token);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("epoch", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using var late = await caller.PostAsJsonAsync("sweeps/over-http/trials", new { count = 1 }, Token);
        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
    }

    [Fact]
    public async Task Description_OfTheApi_IsTheApprovedOne()
    {
        using var caller = silo.Caller(token: null);
        var text = (await caller.GetStringAsync("openapi.json", Token)).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var path = Path.Combine(AppContext.BaseDirectory, "Api", "openapi.json");

        Assert.True(File.Exists(path) && await File.ReadAllTextAsync(path, Token) == text, $"the API changed: if that is meant, tests/ClusterTests/Api/openapi.json must be\n{text}");
    }

    // How many steps are passed over depends on how fast they come.
    private static IEnumerable<long> Kept(IEnumerable<(long Id, JsonElement Data)> events) => events.Where(logged => Kind(logged.Data) is not ("step" or "evaluation")).Select(logged => logged.Id);

    private static string Kind(JsonElement logged) => logged.GetProperty("event").GetString()!;

    private static string IdOf(JsonElement item) => item.GetProperty("run").GetProperty("runId").GetString()!;

    private static async Task<JsonElement> GetAsync(HttpClient caller, string path) => await caller.GetFromJsonAsync<JsonElement>(path, Token);

    private static async Task<byte[]> RangeAsync(HttpClient caller, string path, long? from, long? to)
    {
        using var answer = await SendAsync(caller, path, new RangeHeaderValue(from, to));
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync(Token);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient caller, string path, RangeHeaderValue range) =>
        caller.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = range } }, Token);
}
