using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lcnn.Distributed.ClusterTests.Api;

/// <summary>Whoever floods the web server of a silo, or sends it garbage, is answered with an error or cut off; what it trains stays the same.</summary>
[Collection(nameof(OwnTraining))]
public sealed class ApiAbuseTests(ApiSilo silo) : IClassFixture<ApiSilo>
{
    private static readonly (int Idle, int Slow, int Mutated) _size = TestTier.IsLong ? (1_000, 200, 10_000) : (100, 20, 500);

    private static readonly string[] _requests =
    [
        "GET /api/v1/runs?limit=10 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        $"GET /api/v1/runs/nobody/series?fields=loss&from=1&to=5 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ApiSilo.OperateToken}\r\nConnection: close\r\n\r\n",
        $"POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ApiSilo.ViewToken}\r\nContent-Type: application/json\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{{\"options\":{{}}}}",
        $"POST /api/v1/sweeps?id=x HTTP/1.1\r\nHost: localhost\r\nCookie: lcnn-session=AAAA\r\nContent-Type: application/yaml\r\nContent-Length: 9\r\nConnection: close\r\n\r\nbase: [1]",
        "GET /assets/app.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Training_WhileStrangersFloodTheServer_GivesTheSameWeights()
    {
        using var caller = silo.Caller();
        var options = ApiSilo.SmallRun();
        options["epochs"] = 12;
        var quiet = await WeightsAsync(caller, await ApiSilo.StartRunAsync(caller, options));

        var id = await ApiSilo.StartRunAsync(caller, options);
        var watching = WeightsAsync(caller, id);
        using var flood = new Flood();
        await flood.OpenAsync(silo.Address.Port, _size.Idle, "");
        await flood.OpenAsync(silo.Address.Port, _size.Slow, "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{");
        var answers = new List<string>();
        var random = new Random(1);
        for (var i = 0; i < _size.Mutated; i++)
        {
            if (i == _size.Mutated / 2)
            {
                flood.Dispose(); // from one address so many at once that nothing more of it is answered
            }

            answers.Add(await SayAsync(Mutated(_requests[i % _requests.Length], random)));
        }

        Assert.Equal(quiet, await watching);
        Assert.All(answers, answer => Assert.Matches("^(|HTTP/1.1 (200|304|4[0-9][0-9]|505) .*)$", answer));
        Assert.Contains(answers, answer => answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await caller.GetAsync("runs?limit=1", Token)).StatusCode);
    }

    private static async Task<string> WeightsAsync(HttpClient caller, string id)
    {
        var events = await ApiSilo.EventsAsync(caller, $"runs/{id}/events");
        return events[^1].Data.GetProperty("weightsSha256").GetString()!;
    }

    private static byte[] Mutated(string request, Random random)
    {
        var bytes = Encoding.ASCII.GetBytes(request).ToList();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var place = random.Next(bytes.Count - 4);
            switch (random.Next(3))
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(place);
                    break;
                default:
                    bytes.InsertRange(place, bytes.GetRange(random.Next(bytes.Count / 2), random.Next(bytes.Count / 2)));
                    break;
            }
        }

        return [.. bytes];
    }

    // The first line of the answer; nothing where the connection was closed.
    private async Task<string> SayAsync(byte[] request)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, silo.Address.Port, Token);
            var stream = client.GetStream();
            await stream.WriteAsync(request, Token);
            client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadLineAsync(Token) ?? "";
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return "";
        }
    }

    private sealed class Flood : IDisposable
    {
        private readonly List<TcpClient> _clients = [];

        public async Task OpenAsync(int port, int count, string says)
        {
            for (var i = 0; i < count; i++)
            {
                var client = new TcpClient();
                _clients.Add(client);
                try
                {
                    await client.ConnectAsync(IPAddress.Loopback, port, Token);
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(says), Token);
                }
                catch (Exception exception) when (exception is IOException or SocketException)
                {
                    // Turned away already.
                }
            }
        }

        public void Dispose()
        {
            _clients.ForEach(client => client.Dispose());
            _clients.Clear();
        }
    }
}
