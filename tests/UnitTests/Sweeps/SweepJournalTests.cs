using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.Silo.Storage;
using Lcnn.Distributed.UnitTests.Data;
using Lcnn.Distributed.UnitTests.Sweeps.Simulation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class SweepJournalTests : IDisposable
{
    private static readonly SweepSpec _spec = new()
    {
        Base = Recipes.Default() with { Epochs = 9, Workers = 1 },
        Parameters = [ParameterSpec.LogBetween("lr", 0.001, 0.3), ParameterSpec.OneOf("momentum", 0.8, 0.9)],
        Sampler = new SamplerSpec { Kind = "random", Seed = 5 },
        Scheduler = new SchedulerSpec { Kind = "asha", Reduction = 3, MinEpochs = 1 },
        MaxTrials = 9,
        MaxConcurrent = 3,
    };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sweep_KilledAtAnyWrite_GoesOnWithNoTrialLostOrDoubled()
    {
        var writes = await CountWritesAsync();
        Assert.InRange(writes, 20, 400);
        foreach (var isStored in new[] { false, true })
        {
            for (var write = 1; write <= writes; write++)
            {
                using var sweep = new SimulatedSweep(_spec);
                await sweep.DriveAsync(new Kill(write, isStored));
                var (record, logged) = (sweep.Stores.Record, await sweep.ReadLogAsync());

                Assert.True(await sweep.DriveAsync());

                await AssertWholeAsync(sweep, $"killed at write {write} (done: {isStored}), record {record.Number}, log at {logged.Count}");
            }
        }
    }

    [Fact]
    public async Task Sweep_KilledAtEveryFewWrites_ComesToItsEnd()
    {
        using var sweep = new SimulatedSweep(_spec);
        for (var kills = 0; !await sweep.DriveAsync(new Kill(7, IsStored: kills % 2 == 0)); kills++)
        {
            Assert.True(kills < 200);
        }

        await AssertWholeAsync(sweep, "killed at every seventh write");
    }

    [Fact]
    public async Task Writes_OfALargeSweep_CostWhatTheyChange()
    {
        using var small = new SimulatedSweep(_spec with { MaxTrials = 30 });
        await small.DriveAsync();
        using var large = new SimulatedSweep(_spec with { MaxTrials = 300 });
        await large.DriveAsync();

        var (perTrialOfSmall, perTrialOfLarge) = (small.Stores.Bytes / 30.0, large.Stores.Bytes / 300.0);
        TestContext.Current.TestOutputHelper!.WriteLine($"bytes per trial: {perTrialOfSmall:0} of 30, {perTrialOfLarge:0} of 300");
        Assert.InRange(perTrialOfLarge, 0.7 * perTrialOfSmall, 1.3 * perTrialOfSmall);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_WhatWasTakenAndAppended_IsTheBoard(bool isInFolder)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000));
        IEventLogStore<SweepChange> store = isInFolder ? FolderLogs.OfJournals(_folder.Path) : new MemoryEventLogStore<SweepChange>(int.MaxValue);
        var record = new SweepRecord { Phase = SweepPhase.Running };
        var (journal, none) = await OpenAsync(record, store);
        var board = new SweepBoard("s", _spec, record, none, clock);
        var random = new Random(3);
        for (var i = 0; i < 60; i++)
        {
            Disturb(board, random);
            clock.Advance(TimeSpan.FromSeconds(1));
            SweepPlanner.Plan(board, TimeSpan.Zero, clock.GetUtcNow());
            record = board.Take(record, 0, TimeSpan.Zero).Record;
            var isCrash = random.Next(3) == 0;
            if (isCrash)
            {
                (journal, _) = await OpenAsync(record, store);
                await journal.RestoreAsync(record, Token);
            }
            else
            {
                await journal.AppendAsync(record, Token);
            }

            var again = isInFolder ? FolderLogs.OfJournals(_folder.Path) : store;
            AssertSame(board.Trials, (await OpenAsync(record, again)).Trials);
        }

        Assert.True(board.Trials.Count >= 8);
    }

    [Fact]
    public async Task Open_RecordOfAnEarlierRelease_HasItsTrialsAndPutsThemIntoTheJournalOnce()
    {
        var (store, clock) = (new MemoryEventLogStore<SweepChange>(int.MaxValue), new FakeTimeProvider());
        TrialRecord[] trials = [.. Enumerable.Range(1, 3).Select(number => new TrialRecord { Entry = Trials.Reported(number, TrialState.Completed, 0, 0.5, 0.4), Segment = 1 })];
        var record = new SweepRecord { Number = 17, Phase = SweepPhase.Running, TrialsJson = [.. trials.Select(trial => JsonSerializer.Serialize(trial, RunEventJson.Options))] };

        var (journal, read) = await OpenAsync(record, store);
        AssertSame(trials, read);
        var board = new SweepBoard("s", _spec, record, read, clock);
        board.Begin(board.AddTrial(4, ParameterSet.Empty));
        var first = board.Take(record, 0, TimeSpan.Zero).Record;
        AssertSame(board.Trials, (await OpenAsync(first, store)).Trials); // stored, and killed before the append
        await journal.AppendAsync(first, Token);
        board.Report(4, 1, [new EpochCompleted { Epoch = 1, TestAccuracy = 0.5 }]);
        var second = board.Take(first, 0, TimeSpan.Zero).Record;
        await journal.AppendAsync(second, Token);

        AssertSame(board.Trials, (await OpenAsync(second, store)).Trials);
        Assert.Equal([4], SweepChange.Parse(second.ChangeJson).Trials.Select(change => change.Trial.Entry.Number));
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<TrialRecord>(Assert.Single(second.TrialsJson), RunEventJson.Options)); // an earlier release does not take it for a sweep without trials
    }

    [Theory]
    [InlineData(0, "it ends with entry 0, where its record expects 2")]
    [InlineData(3, "it ends with entry 3, where its record expects 2")]
    public async Task Open_JournalOfAnotherLength_IsRefusedByName(int entries, string problem)
    {
        var store = new MemoryEventLogStore<SweepChange>(int.MaxValue);
        for (var number = 1; number <= entries; number++)
        {
            await store.AppendAsync("s", [new SweepChange { Sequence = number }], Token);
        }

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync(new SweepRecord { ChangeJson = new SweepChange { Sequence = 2 }.ToJson(), JournalSequence = 1 }, store));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_OfAnActivationThatWasSuperseded_FindsItsEntryOrIsRefused()
    {
        var store = new MemoryEventLogStore<SweepChange>(int.MaxValue);
        var first = new SweepRecord { ChangeJson = new SweepChange { Sequence = 1, Trials = [Change(1)] }.ToJson() };
        var (late, _) = await OpenAsync(new SweepRecord(), store);
        var (next, _) = await OpenAsync(first, store);
        await next.RestoreAsync(first, Token);
        await next.AppendAsync(first with { ChangeJson = new SweepChange { Sequence = 2, Trials = [Change(2)] }.ToJson(), JournalSequence = 1 }, Token);

        await Assert.ThrowsAsync<EventLogSupersededException>(() => late.AppendAsync(first with { ChangeJson = new SweepChange { Sequence = 1, Trials = [Change(7)] }.ToJson() }, Token));

        Assert.Equal(2, (await store.ReadAfterAsync("s", 0, 10, Token)).Count);
    }

    [Fact]
    public async Task Folder_LineOfTheJournalDamaged_IsRefusedAndNotCutOff()
    {
        var store = FolderLogs.OfJournals(_folder.Path);
        await store.AppendAsync("s", [new SweepChange { Sequence = 1 }, new SweepChange { Sequence = 2 }], Token);
        var file = Path.Combine(_folder.Path, "journal", "s.jsonl");
        var damaged = "#" + (await File.ReadAllTextAsync(file, Token))[1..];
        await File.WriteAllTextAsync(file, damaged, Token);

        var refused = await Assert.ThrowsAsync<StoredStateException>(() => FolderLogs.OfJournals(_folder.Path).ReadAfterAsync("s", 0, 10, Token));

        Assert.StartsWith($"line 1 of '{file}' cannot be read: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, await File.ReadAllTextAsync(file, Token));
    }

    private static TrialChange Change(int number) => new() { Trial = new TrialRecord { Entry = new TrialEntry { Number = number } } };

    private static Task<(SweepJournal Journal, IReadOnlyList<TrialRecord> Trials)> OpenAsync(SweepRecord record, IEventLogStore<SweepChange> store) =>
        SweepJournal.OpenAsync("s", record, store, TimeProvider.System, NullLogger.Instance, Token);

    private static void AssertSame(IEnumerable<TrialRecord> expected, IEnumerable<TrialRecord> actual) => Assert.Equal(expected.Select(Text), actual.Select(Text));

    // The time trained is counted between writes and stored with the next one.
    private static string Text(TrialRecord trial) =>
        JsonSerializer.Serialize(trial with { Trained = TimeSpan.Zero, CountedTo = null, IsTraining = false }, RunEventJson.Options);

    // Whatever may happen to a trial that runs.
    private static void Disturb(SweepBoard board, Random random)
    {
        foreach (var trial in board.Running.ToList())
        {
            var (number, segment, next) = (trial.Entry.Number, trial.Segment, trial.Entry.Epochs + 1);
            switch (random.Next(8))
            {
                case 0:
                    board.End(number, segment, new RunProgress { Final = new RunFailed { Error = "broken" } });
                    break;
                case 1:
                    board.StopTrial(trial, "enough");
                    board.End(number, segment, new RunProgress { Final = new RunCancelled() });
                    break;
                case 2 when trial.Entry.Epochs >= board.RunSpecOf(trial).PauseAfterEpoch:
                    board.End(number, segment, new RunProgress { Final = new RunCancelled(), Snapshot = $"/{number}", WeightsSha256 = $"{segment}" });
                    break;
                case 3 when next > 9:
                    board.End(number, segment, new RunProgress { Final = new RunCompleted { TestAccuracy = 0.9, Curvature = 3, WeightsSha256 = "ab" } });
                    break;
                default:
                    board.Report(number, segment, [.. Enumerable.Range(next, random.Next(3)).Where(epoch => epoch <= 9).Select(epoch => new EpochCompleted { Epoch = epoch, TestAccuracy = random.NextDouble() })]);
                    break;
            }
        }
    }

    private static async Task<int> CountWritesAsync()
    {
        using var sweep = new SimulatedSweep(_spec);
        Assert.True(await sweep.DriveAsync());
        await AssertWholeAsync(sweep, "not killed");
        return sweep.Stores.Writes;
    }

    private static async Task AssertWholeAsync(SimulatedSweep sweep, string what)
    {
        var (trials, events) = (await sweep.ReadTrialsAsync(), await sweep.ReadLogAsync());
        var completed = Assert.IsType<SweepCompleted>(events[^1]);
        Assert.True(sweep.TooEarly.Count == 0, $"{what}: begun before the write that says so: {string.Join(", ", sweep.TooEarly)}");
        Assert.True(SweepPhase.Completed == sweep.Stores.Record.Phase, what);
        Assert.Equal(Enumerable.Range(1, 9), trials.Select(trial => trial.Entry.Number));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(said => said.Sequence));
        Assert.Equal(
            trials.Select(trial => JsonSerializer.Serialize(trial.Entry.ToResult(), RunEventJson.Options)),
            completed.Trials.Select(trial => JsonSerializer.Serialize(trial, RunEventJson.Options)));
        foreach (var trial in trials)
        {
            Assert.True(trial.Entry.IsFinished, $"{what}: trial {trial.Entry.Number} is {trial.Entry.State}");
            Assert.Equal(Enumerable.Range(1, trial.Entry.Epochs), trial.Entry.Reports.Select(report => report.Epoch));
            var reported = events.OfType<TrialReported>().Where(said => said.Number == trial.Entry.Number).Select(said => said.Epoch);
            Assert.True(reported.SequenceEqual(Enumerable.Range(1, trial.Entry.Epochs)), $"{what}: trial {trial.Entry.Number} has the reports {string.Join(", ", reported)}");
            var begun = events.Where(said => said is TrialStarted started && started.Number == trial.Entry.Number).Count();
            Assert.True(begun == 1, $"{what}: trial {trial.Entry.Number} was begun {begun} times");
        }

        Assert.Contains(trials, trial => trial.Entry.State == TrialState.Completed);
    }
}
