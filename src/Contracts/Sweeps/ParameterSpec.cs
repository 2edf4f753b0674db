using System.Text.Json.Serialization;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>What a parameter is drawn from.</summary>
[GenerateSerializer, JsonConverter(typeof(CamelCaseEnumConverter<ParameterKind>))]
public enum ParameterKind
{
    /// <summary>One of a few values.</summary>
    Values = 0,
    /// <summary>A number between two bounds, both included.</summary>
    Range = 1,
    /// <summary>A number between two positive bounds, uniform in its logarithm.</summary>
    LogRange = 2,
    /// <summary>A whole number between two bounds, both included.</summary>
    Whole = 3,
}

/// <summary>One run option that the trials of a sweep differ in.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.ParameterSpec")]
public sealed record ParameterSpec
{
    /// <summary>Name of the run option, one of <see cref="RunSpecOptions.AllNames"/> that is sweepable.</summary>
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>What it is drawn from.</summary>
    [Id(1)] public ParameterKind Kind { get; init; }

    /// <summary>The values of <see cref="ParameterKind.Values"/>.</summary>
    [Id(2)] public IReadOnlyList<OptionValue> Values { get; init; } = [];

    /// <summary>Smallest value of a range, itself included.</summary>
    [Id(3)] public double Low { get; init; }

    /// <summary>Largest value of a range, itself included.</summary>
    [Id(4)] public double High { get; init; }

    /// <summary>Whether whole numbers are uniform in their logarithm.</summary>
    [Id(5)] public bool IsLog { get; init; }

    /// <summary>Distance between the points of a range, from the lower bound up; null leaves it continuous, or 1 for whole numbers.</summary>
    [Id(6)] public double? Step { get; init; }

    /// <summary>Number of points, evenly spaced on the parameter's scale, both bounds among them.</summary>
    [Id(7)] public int? Count { get; init; }

    /// <summary>The parameter is part of a trial only where all of these hold.</summary>
    [Id(8)] public IReadOnlyList<ParameterCondition> When { get; init; } = [];

    /// <summary>One of a few values.</summary>
    public static ParameterSpec OneOf(string name, params IReadOnlyList<OptionValue> values) => new() { Name = name, Values = values };

    /// <summary>A number between two bounds.</summary>
    public static ParameterSpec Between(string name, double low, double high) =>
        new() { Name = name, Kind = ParameterKind.Range, Low = low, High = high };

    /// <summary>A number between two bounds, uniform in its logarithm.</summary>
    public static ParameterSpec LogBetween(string name, double low, double high) =>
        new() { Name = name, Kind = ParameterKind.LogRange, Low = low, High = high };

    /// <summary>A whole number between two bounds.</summary>
    public static ParameterSpec WholeBetween(string name, long low, long high, bool isLog = false) =>
        new() { Name = name, Kind = ParameterKind.Whole, Low = low, High = high, IsLog = isLog };
}

/// <summary>Another parameter is in the trial and has one of these values.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.ParameterCondition")]
public sealed record ParameterCondition([property: Id(0)] string Parameter, [property: Id(1)] IReadOnlyList<OptionValue> Values);
