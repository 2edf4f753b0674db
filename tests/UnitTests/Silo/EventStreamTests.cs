using Lcnn.Distributed.Silo.Api;
using Microsoft.AspNetCore.Http;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class EventStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Steps between short epochs are no news either once there is a later one.
    [Fact]
    public async Task Send_OfWhatCameAtOnce_TellsTheNewestStepAndAllElse()
    {
        Assert.Equal(["2 epoch", "4 epoch", "5 step", "6 epoch"], await SendAsync("step", "epoch", "step", "epoch", "step", "epoch"));
    }

    [Fact]
    public async Task Send_OfALongLog_TellsAllOfItInOrder()
    {
        Assert.Equal(Enumerable.Range(1, 1000).Select(number => $"{number} epoch"), await SendAsync([.. Enumerable.Repeat("epoch", 1000)]));
    }

    private static async Task<IEnumerable<string>> SendAsync(params string[] names)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestAborted = Token };
        context.Response.Body = body;

        await new EventStream(TimeProvider.System).SendAsync(
            context, names.Select((name, place) => new LoggedEvent(place + 1, name, name == "step")).ToAsyncEnumerable());

        body.Position = 0;
        var text = await new StreamReader(body).ReadToEndAsync(Token);
        Assert.EndsWith("event: end\ndata: {}\n\n", text, StringComparison.Ordinal);
        return text.Split("\n\n").Where(part => part.StartsWith("id: ", StringComparison.Ordinal)).Select(part => part["id: ".Length..].Replace("\ndata:", "", StringComparison.Ordinal));
    }
}
