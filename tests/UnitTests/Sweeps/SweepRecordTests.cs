using System.Globalization;
using System.Reflection;
using Lcnn.Distributed.Grains.Sweeps;
using MessagePack;

namespace Lcnn.Distributed.UnitTests.Sweeps;

/// <summary>What is stored outlives releases: these keys are frozen. Append, never change.</summary>
public sealed class SweepRecordTests
{
    [Fact]
    public void Keys_OfTheRecord_AreThoseOfTheFirstRelease() => Assert.Equal(
        "0 Number; 1 WriteId; 2 SpecJson; 3 SubmittedAt; 4 Phase; 5 TrialsJson; 6 ExtraDraws; 7 Requests; 8 StopReason; 9 Active; 10 NewEventsJson; 11 LogSequence; 12 Failures; 13 FailureProgress; 14 ChangeJson; 15 JournalSequence",
        string.Join("; ", typeof(SweepRecord).GetProperties()
            .Select(property => (property.GetCustomAttribute<KeyAttribute>()?.IntKey, property.Name))
            .Where(property => property.IntKey is not null)
            .OrderBy(property => property.IntKey)
            .Select(property => string.Create(CultureInfo.InvariantCulture, $"{property.IntKey} {property.Name}"))));
}
