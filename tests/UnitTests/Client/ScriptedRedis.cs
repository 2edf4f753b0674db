using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.UnitTests.Client;

/// <summary>Something that listens on loopback and gives to each command the answer that a test wants.</summary>
internal sealed class ScriptedRedis : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly X509Certificate2? _certificate;
    private readonly Func<string, string> _answer;

    /// <param name="answer">From the name of a command to all of its answer; null ends the connection.</param>
    /// <param name="certificate">With one it speaks TLS.</param>
    public ScriptedRedis(Func<string, string?> answer, X509Certificate2? certificate = null)
    {
        (_answer, _certificate) = (command => answer(command) ?? throw new IOException("end"), certificate);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>A Redis that is content with all but one command.</summary>
    public static ScriptedRedis ThatAnswers(string command, string answer) =>
        new(given => given == command ? $"{answer}\r\n" : Content(given));

    /// <summary>What a Redis in order answers.</summary>
    public static string Content(string command) => command switch
    {
        "PING" => "+PONG\r\n",
        "INFO" => "$34\r\nredis_mode:standalone\r\nrole:master\r\n",
        "CONFIG" => "*2\r\n$16\r\nmaxmemory-policy\r\n$10\r\nnoeviction\r\n",
        _ => "+QUEUED\r\n",
    };

    public ClusterAddress Address(string scheme = "redis", string login = "", string host = "127.0.0.1", string more = "") =>
        ClusterAddress.Parse($"{scheme}://{login}{host}:{Port}{more}");

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsServerAsync(_certificate);
                stream = secure;
            }

            using var reader = new StreamReader(stream, Encoding.ASCII);
            while (await reader.ReadLineAsync(_stopping.Token) is { } line)
            {
                if (!line.StartsWith('*'))
                {
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(_answer(line)), _stopping.Token);
                    continue;
                }

                var command = "";
                for (var part = 0; part < int.Parse(line.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture); part++)
                {
                    await reader.ReadLineAsync(_stopping.Token);
                    var text = await reader.ReadLineAsync(_stopping.Token) ?? "";
                    command = part == 0 ? text : command;
                }

                await stream.WriteAsync(Encoding.Latin1.GetBytes(_answer(command)), _stopping.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client is gone, or is to be.
        }
    }
}
