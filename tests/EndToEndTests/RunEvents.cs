using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests;

/// <summary>Reads events and starts the runs that most tests need.</summary>
internal static class RunEvents
{
    /// <summary>Trains to the end on standard output as JSON.</summary>
    /// <returns>The <c>completed</c> event.</returns>
    public static async Task<JsonElement> TrainAsync(params IReadOnlyList<string> arguments)
    {
        await using var lcnn = await LcnnProcess.RunAsync(["train", "--json", .. arguments]);
        return await lcnn.CompletedAsync();
    }

    extension(LcnnProcess lcnn)
    {
        /// <summary>The last event, of a run that must have ended well.</summary>
        public async Task<JsonElement> CompletedAsync()
        {
            Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
            var last = lcnn.Events[^1];
            Assert.Equal("completed", last.Kind);
            return last;
        }

        public IReadOnlyList<JsonElement> OfKind(string kind) => [.. lcnn.Events.Where(line => line.Kind == kind)];
    }

    extension(JsonElement line)
    {
        public string Kind => line.Text("event");

        public string Weights => line.Text("weightsSha256");

        public string Text(string name) => line.GetProperty(name).GetString()!;

        public long Whole(string name) => line.GetProperty(name).GetInt64();

        public double Number(string name) => line.GetProperty(name).GetDouble();
    }
}
