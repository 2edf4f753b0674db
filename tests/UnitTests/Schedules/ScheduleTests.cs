namespace Lcnn.Distributed.UnitTests.Schedules;

/// <summary>The concurrent parts of the engine under many orders of everything that happens in them; see <see cref="Engine.Schedule"/>.</summary>
/// <remarks>
/// A failure names its scenario and seed, and what was unfinished after which choices. One seed again:
/// LCNN_SEED=4711 ./test --filter-method '*Schedules_OfScenario*' (all scenarios, or as a test's display name has it).
/// LCNN_SCHEDULES=100000 sets how many; the long tier has that many by default.
/// </remarks>
public sealed class ScheduleTests
{
    private static readonly Lazy<ControlledCode> _code = new(() => new ControlledCode());

    private static readonly long? _seed = long.TryParse(Environment.GetEnvironmentVariable("LCNN_SEED"), out var seed) ? seed : null;

    private static int Count(int shortTier) =>
        _seed is not null ? 1
        : int.TryParse(Environment.GetEnvironmentVariable("LCNN_SCHEDULES"), out var count) ? count
        : TestTier.IsLong ? 100_000 : shortTier;

    [Theory]
    [InlineData("mailbox", 2_000)]
    [InlineData("outbox", 2_000)]
    [InlineData("slots", 2_000)]
    [InlineData("record", 2_000)]
    [InlineData("stream", 300)]
    [InlineData("grain", 300)]
    [InlineData("auto", 300)]
    public void Schedules_OfScenario_AllEndAsTheyShould(string scenario, int shortTier)
    {
        var outcome = _code.Value.Run(scenario, _seed ?? 1, Count(shortTier));

        TestContext.Current.SendDiagnosticMessage(outcome);
        Assert.StartsWith("ok", outcome, StringComparison.Ordinal);
    }
}
