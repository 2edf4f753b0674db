using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lcnn.Distributed.Silo.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Lcnn.Distributed.ClusterTests.Api;

/// <summary>Who gets in over HTTP, and what strangers can do.</summary>
[Collection(nameof(OwnTraining))]
public sealed class ApiAccessTests(ApiSilo silo) : IClassFixture<ApiSilo>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    [InlineData("wrong-wrong-wrong-wrong", HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    [InlineData("", HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    [InlineData(ApiSilo.ViewToken, HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData(ApiSilo.OperateToken, HttpStatusCode.OK, HttpStatusCode.NotFound)]
    public async Task Caller_WithAToken_MayDoWhatItsRoleMay(string? token, HttpStatusCode looks, HttpStatusCode cancels)
    {
        using var caller = silo.Caller(token);

        using var looked = await caller.GetAsync("runs", Token);
        using var cancelled = await caller.PostAsync("runs/nobody/cancel", null, Token);

        Assert.Equal((looks, cancels), (looked.StatusCode, cancelled.StatusCode));
        Assert.Equal("application/problem+json", cancelled.Content.Headers.ContentType?.MediaType);
        Assert.Equal(looks == HttpStatusCode.Unauthorized, looked.Headers.WwwAuthenticate.Count > 0);
    }

    [Fact]
    public async Task Browser_AfterALogin_IsLetInByItsCookieUntilItLogsOut()
    {
        using var browser = silo.Caller(token: null, keepsCookies: true);
        using var wrong = await browser.PostAsJsonAsync("session", new { token = "wrong-wrong-wrong-wrong" }, Token);
        using var login = await browser.PostAsJsonAsync("session", new { token = ApiSilo.ViewToken }, Token);

        var cookie = Assert.Single(login.Headers.GetValues("Set-Cookie"));
        using var seen = await browser.GetAsync("runs", Token);
        using var cancelled = await browser.PostAsync("runs/nobody/cancel", null, Token);
        var role = (await browser.GetFromJsonAsync<JsonElement>("session", Token)).GetProperty("role").GetString();
        using var logout = await browser.DeleteAsync("session", Token);
        using var after = await browser.GetAsync("runs", Token);

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(ApiSilo.ViewToken, cookie, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden, "view"), (seen.StatusCode, cancelled.StatusCode, role));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Unauthorized), (logout.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task Cookie_ChangedInAnyPlace_IsWorthNothing()
    {
        using var browser = silo.Caller(token: null);
        using var login = await browser.PostAsJsonAsync("session", new { token = ApiSilo.OperateToken }, Token);
        var value = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0].Split('=', 2)[1];

        Assert.Equal(HttpStatusCode.OK, await WithCookieAsync(browser, value));
        foreach (var place in Enumerable.Range(0, value.Length - 1))
        {
            var changed = value[..place] + (value[place] == 'A' ? 'B' : 'A') + value[(place + 1)..];
            Assert.Equal(HttpStatusCode.Unauthorized, await WithCookieAsync(browser, changed));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await WithCookieAsync(browser, value + "A"));
        Assert.Equal(HttpStatusCode.Unauthorized, await WithCookieAsync(browser, ""));
    }

    // Whatever a user's browser is logged in to, another site's page gets nothing done.
    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    public async Task Page_OfAnotherOrigin_IsRefusedWithCookieAndToken(string origin)
    {
        using var browser = silo.Caller(ApiSilo.OperateToken, keepsCookies: true);
        (await browser.PostAsJsonAsync("session", new { token = ApiSilo.OperateToken }, Token)).EnsureSuccessStatusCode();
        browser.DefaultRequestHeaders.Add("Origin", origin);

        using var started = await browser.PostAsJsonAsync("runs", new { options = ApiSilo.SmallRun() }, Token);
        using var login = await browser.PostAsJsonAsync("session", new { token = ApiSilo.OperateToken }, Token);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (started.StatusCode, login.StatusCode));
        Assert.Contains("it comes from a page of", await started.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_WithOpenDoors_ListensToItsOwnMachineUnderItsOwnNameAlone()
    {
        var root = Directory.CreateTempSubdirectory("lcnn-open-").FullName;
        using var host = await ApiSilo.StartAsync(tokenFile: null, root);
        using var caller = new HttpClient { BaseAddress = new Uri($"http://localhost:{host.Services.GetRequiredService<SiloHttp>().Port}/api/v1/") };

        using var own = await caller.GetAsync("runs", Token);
        using var login = await caller.PostAsJsonAsync("session", new { token = ApiSilo.OperateToken }, Token);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "runs") { Headers = { Host = "evil.example" } };
        using var elsewhere = await caller.SendAsync(rebound, Token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (own.StatusCode, login.StatusCode, elsewhere.StatusCode));
        await host.StopAsync(Token);
        Directory.Delete(root, recursive: true);
    }

    [Theory]
    [InlineData("runs", "{", "JSON")]
    [InlineData("runs", "[]", "JSON")]
    [InlineData("runs", "null", "null")]
    [InlineData("runs", "{}", "either 'options' or 'spec'")]
    [InlineData("runs", """{"options": {"lr": "fast"}}""", "options.lr: expected a number")]
    [InlineData("runs", """{"options": {"dataset": {}}}""", "options")]
    [InlineData("runs", """{"options": {"learningrate": 1}}""", "options.learningrate: there is no such option")]
    [InlineData("runs", """{"option": {}}""", "there is no such member here")]
    [InlineData("runs", """{"options": {}, "outputDirectory": "/etc"}""", "outputDirectory")]
    [InlineData("runs", """{"options": {}, "outputDirectory": "../../etc"}""", "outputDirectory")]
    [InlineData("runs", """{"options": {}, "id": "../../etc"}""", "id")]
    [InlineData("runs", """{"spec": {"epochs": -1}}""", "epochs")]
    [InlineData("runs", """{"spec": {"epochs": "many"}}""", "epochs")]
    [InlineData("session", """{"token": 7}""", "token")]
    [InlineData("sweeps/nobody/trials", """{"count": -1e99}""", "count")]
    public async Task Body_ThatIsWrong_IsRefusedWithTheReason(string path, string body, string reason)
    {
        using var caller = silo.Caller();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await caller.PostAsync(path, content, Token);

        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Lcnn.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runs?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("runs?limit=lots", HttpStatusCode.BadRequest)]
    [InlineData("runs?after=nobody", HttpStatusCode.BadRequest)]
    [InlineData("runs?phase=asleep", HttpStatusCode.BadRequest)]
    [InlineData("runs?phase=3", HttpStatusCode.BadRequest)]
    [InlineData("runs/nobody", HttpStatusCode.NotFound)]
    [InlineData("runs/nobody/events", HttpStatusCode.NotFound)]
    [InlineData("runs/nobody/series", HttpStatusCode.NotFound)]
    [InlineData("runs/nobody/snapshots/x/model.safetensors", HttpStatusCode.NotFound)]
    [InlineData("runs/..%2F..%2Fetc/snapshots/..%2F..%2Fetc/passwd", HttpStatusCode.NotFound)]
    [InlineData("sweeps/nobody", HttpStatusCode.NotFound)]
    [InlineData("sweeps/nobody/trials?from=0", HttpStatusCode.BadRequest)]
    [InlineData("nothing", HttpStatusCode.NotFound)]
    public async Task Path_ThatIsWrong_IsRefusedAsAProblem(string path, HttpStatusCode expected)
    {
        using var caller = silo.Caller();

        using var answer = await caller.GetAsync(path, Token);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Body_ThatIsTooLarge_IsCutOff()
    {
        using var caller = silo.Caller();
        using var content = new StringContent($"{{\"id\": \"{new string('x', 2 << 20)}\"}}", Encoding.UTF8, "application/json");

        using var answer = await caller.PostAsync("runs", content, Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> WithCookieAsync(HttpClient browser, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "runs?limit=1");
        request.Headers.TryAddWithoutValidation("Cookie", $"lcnn-session={value}");
        using var answer = await browser.SendAsync(request, Token);
        return answer.StatusCode;
    }
}
