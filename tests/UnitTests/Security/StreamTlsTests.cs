using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Streams;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Silo.Security;
using Lcnn.Distributed.UnitTests.Grains.Collectives;

namespace Lcnn.Distributed.UnitTests.Security;

public sealed class StreamTlsTests : IDisposable
{
    private static readonly ParcelKey _key = new(ParcelKind.Scores, 1);

    private readonly Certificates _certificates = new();

    [Fact]
    public void Exchange_OverTls_BringsWhatWasSent()
    {
        using var processes = new Processes(2, security: Security("silo"));
        var channels = processes.BeginAll("stream");
        var scores = Enumerable.Range(0, 100_000).Select(i => new BatchScore(i, 2, 3)).ToArray(); // many records long

        channels[0].Send(1, _key, new ScoresParcel(scores));
        channels[1].Send(0, _key, new ScoresParcel(scores));

        Assert.Equal(scores, channels[1].Receive<ScoresParcel>(0, _key).Batches);
        Assert.Equal(scores, channels[0].Receive<ScoresParcel>(1, _key).Batches);
        Assert.Equal(0, processes.HubOf(0).Counters.Fallbacks + processes.HubOf(1).Counters.Fallbacks);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("no certificate")]
    [InlineData("a client's")]
    [InlineData("another authority's")]
    public async Task Dial_ByAStranger_IsTurnedAwayBeforeItSaysAnything(string stranger)
    {
        using var peer = new RawPeer(options: null, clock: null, Security("silo"));
        peer.Connect();
        using var others = new Certificates();
        using var socket = peer.Dial();

        await Assert.ThrowsAnyAsync<Exception>(() => Task.Run(() =>
        {
            var channel = stranger switch
            {
                "plain" => new StreamSocket(socket),
                "no certificate" => new StreamSocket(socket, Tls(socket, null)),
                "a client's" => new StreamSocket(socket, Tls(socket, _certificates.Folder("operator", Role.Operate))),
                _ => new StreamSocket(socket, Tls(socket, others.Folder("silo", Role.Silo))),
            };
            Handshake.Dial(channel, peer.Party, peer.Token, 0); // with the run's own token
        }, TestContext.Current.CancellationToken));

        Assert.Equal(1, await Eventually(() => peer.Hub.Counters.Rejected(RejectReason.Certificate)));
    }

    [Fact]
    public void Dial_ToAStranger_SaysThatItIsNoSilo()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new Socket(SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndpoint);
        using var far = listener.AcceptSocket();
        using var others = new Certificates();
        var accepting = Task.Run(() => new StreamTls(others.Folder("silo", Role.Silo), TimeProvider.System).Accept(far), TestContext.Current.CancellationToken);

        var problem = Assert.Throws<System.Security.Authentication.AuthenticationException>(() => Security("silo").Dial(near));

        Assert.Contains("not one of the authorities in ca.crt", problem.Message, StringComparison.Ordinal);
        near.Dispose();
        Assert.ThrowsAny<Exception>(() => accepting.GetAwaiter().GetResult().ReadByte() is -1 ? throw new IOException("ended") : 0);
    }

    public void Dispose() => _certificates.Dispose();

    private StreamTls Security(string name) => new(_certificates.Folder(name, Role.Silo), TimeProvider.System);

    private static SslStream Tls(Socket socket, TlsFolder? folder)
    {
        var stream = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        stream.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = "lcnn",
            LocalCertificateSelectionCallback = (_, _, _, _, _) => folder?.Current.Certificate!,
        });
        return stream;
    }

    // The other side counts on a thread of its own.
    private static async Task<long> Eventually(Func<long> count)
    {
        while (count() == 0)
        {
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        return count();
    }
}
