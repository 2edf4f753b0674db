namespace Lcnn.Distributed.UnitTests.Schedules;

/// <summary>The concurrent parts of the engine under many orders of everything that happens in them; see <see cref="Engine.Schedule"/>.</summary>
/// <remarks>
/// A failure begins with what runs it again, such as LCNN_SEED=stream:4711, and tells what was unfinished after which choices:
/// LCNN_SEED=stream:4711 ./test --filter-class '*ScheduleTests'
/// LCNN_SCHEDULES sets how many of each scenario are run; the long tier runs 100,000.
/// </remarks>
public sealed class ScheduleTests
{
    /// <summary>Faults in the grains' code itself, of the kind that only some orders show, and the scenario that is to find each.</summary>
    public static TheoryData<string, string, string, string> Faults { get; } = new()
    {
        { "mailbox", "Mailbox", "Deliver", "PulseAll" },
        { "mailbox", "ReceiveBudget", "AddWaiting", "PulseAll" },
        { "outbox", "Outbox", "Resume", "_next" },
        { "outbox", "Outbox", "Resume", "_arrivedTold" },
        { "slots", "SlotLease", "Dispose", "TrySetResult" },
        { "slots", "SlotLedger", "TakeAsync", "RefuseUnless" },
        { "record", "RecordAuthority`1", "StoreAsync", "TrySetResult" },
        { "stream", "StreamConnection", "OnThread", "Abort" },
        { "grain", "CallWindow", "End", "PulseAll" },
        { "auto", "PeerLink", "RunAsync", "RefuseConnections" },
        { "auto", "Outbox", "ResumeByGrain", "_next" },
    };

    private static readonly Lazy<ControlledCode> _faultyCode = new(() => new ControlledCode([.. Faults.Select(row => new CodeFault(row.Data.Item2, row.Data.Item3, row.Data.Item4))]));

    private static readonly Lazy<ControlledCode> _code = new(() => new ControlledCode());

    private static readonly string[]? _seed = Environment.GetEnvironmentVariable("LCNN_SEED")?.Split(':');

    [Theory]
    [InlineData("mailbox", 1_500)]
    [InlineData("outbox", 1_500)]
    [InlineData("slots", 1_500)]
    [InlineData("record", 1_500)]
    [InlineData("stream", 300)]
    [InlineData("grain", 300)]
    [InlineData("auto", 300)]
    public void Schedules_OfScenario_AllEndAsTheyShould(string scenario, int shortTier)
    {
        var seeded = _seed is [var name, var number] && name == scenario ? long.Parse(number, null) : (long?)null;
        Assert.SkipUnless(_seed is null || seeded is not null, "LCNN_SEED is of another scenario");

        var outcome = _code.Value.Run(scenario, seeded ?? 1, seeded is null ? Count(shortTier) : 1);

        TestContext.Current.SendDiagnosticMessage(outcome);
        Assert.StartsWith("ok", outcome, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slots")]
    [InlineData("record")]
    [InlineData("auto")]
    public void Schedule_SameSeedAgain_TakesTheSameOrder(string scenario)
    {
        var orders = Enumerable.Range(1, 20).Select(seed => OrderOf(scenario, seed)).ToArray();

        Assert.Equal(orders, Enumerable.Range(1, 20).Select(seed => OrderOf(scenario, seed)));
        Assert.True(orders.Distinct().Count() > 15, "many seeds lead to the same order");
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Schedules_CodeWithAFault_FindIt(string scenario, string type, string method, string missing)
    {
        TestTier.SkipUnlessLong();

        var outcome = _faultyCode.Value.Run(scenario, 1, 20_000, new CodeFault(type, method, missing));

        TestContext.Current.SendDiagnosticMessage($"{type}.{method} without {missing}: {outcome.AsSpan(0, Math.Min(outcome.Length, 100))}");
        Assert.StartsWith("LCNN_SEED", outcome, StringComparison.Ordinal);
    }

    private static string OrderOf(string scenario, long seed) => _code.Value.Run(scenario, seed, 1).Split(", order ")[1];

    private static int Count(int shortTier) =>
        int.TryParse(Environment.GetEnvironmentVariable("LCNN_SCHEDULES"), out var count) ? count
        : TestTier.IsLong ? 100_000 : shortTier;
}
